#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace danwa::adapters::http {

using IpV4 = std::array<std::uint8_t, 4>;
using IpV6 = std::array<std::uint8_t, 16>;

/// Parses four numbers up to 255 without leading zeros. Returns nullopt for any other text. Allocates nothing.
std::optional<IpV4> parse_ipv4(std::string_view text);

/// Parses an IPv6 address (RFC 4291 section 2.2): eight groups, or fewer around one `::`; the last two may be an IPv4
/// address. Brackets and a zone are not part of it. Returns nullopt for any other text. Allocates nothing.
std::optional<IpV6> parse_ipv6(std::string_view text);

/// A host and a port, in the one spelling in which host names compare (RFC 3986 section 6.2.2).
struct Authority {
  std::string host;                   ///< lower case, without a dot at its end; IPv6: eight groups in brackets
  std::optional<std::uint16_t> port;  ///< nullopt if it is absent or empty
};

/// True for `uri-host [":" [port]]` (RFC 3986 section 3.2), not empty, without user information and without
/// percent-encoding. An address in brackets must be IPv6. Allocates nothing.
bool is_valid_authority(std::string_view text);

/// Parses a valid authority. Returns nullopt for any other text. `[::1]` equals `[0:0::0001]`; `a.example.` equals
/// `A.EXAMPLE`.
std::optional<Authority> parse_authority(std::string_view text);

/// 80 for `http` and `ws`, 443 for `https` and `wss`, nullopt for other schemes. `scheme` is lower case.
std::optional<std::uint16_t> default_port(std::string_view scheme);

/// True if both are one server for `scheme`. No port means the scheme's default port.
bool is_same_server(std::string_view scheme, const Authority& a, const Authority& b);

/// The origin of a page (RFC 6454 section 7.1).
struct Origin {
  std::string scheme;  ///< lower case
  Authority authority;
};

/// Parses `scheme "://" host [":" port]` with nothing after it. Returns nullopt for any other text, for `null`, and for
/// several origins.
std::optional<Origin> parse_origin(std::string_view text);

}  // namespace danwa::adapters::http
