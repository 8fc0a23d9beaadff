#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace danwa::adapters::http {

using IpV4 = std::array<std::uint8_t, 4>;
using IpV6 = std::array<std::uint8_t, 16>;

/// Four numbers up to 255 without leading zeros. Nothing for another text. Allocates nothing, as the next.
std::optional<IpV4> parse_ipv4(std::string_view text);

/// RFC 4291 section 2.2: eight groups, or fewer around one `::`; the last two may be an IPv4 address. Without brackets
/// and zone. Nothing for another text.
std::optional<IpV6> parse_ipv6(std::string_view text);

/// A host and a port, in the one spelling in which names of hosts compare (RFC 3986 section 6.2.2).
struct Authority {
  std::string host;                   ///< lower case, without a dot at its end; IPv6: eight groups in brackets
  std::optional<std::uint16_t> port;  ///< nothing when there is none, or an empty one
};

/// `uri-host [":" [port]]` of RFC 3986 section 3.2, not empty, without user information and without
/// percent-encoding; an address in brackets must be one of IPv6. Allocates nothing.
bool is_valid_authority(std::string_view text);

/// The parts of a valid one, else nothing. `[::1]` equals `[0:0::0001]`; `a.example.` equals `A.EXAMPLE`.
std::optional<Authority> parse_authority(std::string_view text);

/// 80 for `http` and `ws`, 443 for `https` and `wss`, else nothing. `scheme` is lower case.
std::optional<std::uint16_t> default_port(std::string_view scheme);

/// Whether both are one server for `scheme`: no port is the scheme's default port.
bool is_same_server(std::string_view scheme, const Authority& a, const Authority& b);

/// What a page comes from (RFC 6454 section 7.1).
struct Origin {
  std::string scheme;  ///< lower case
  Authority authority;
};

/// `scheme "://" host [":" port]` and nothing behind it. Nothing for another text, for `null`, and for
/// several origins.
std::optional<Origin> parse_origin(std::string_view text);

}  // namespace danwa::adapters::http
