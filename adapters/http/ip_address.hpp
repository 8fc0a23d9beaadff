#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace danwa::adapters::http {

using IpV4 = std::array<std::uint8_t, 4>;
using IpV6 = std::array<std::uint8_t, 16>;

/// Four numbers up to 255 without leading zeros. Nothing for another text. Allocates nothing, as the next.
std::optional<IpV4> parse_ipv4(std::string_view text);

/// RFC 4291 section 2.2: eight groups, or fewer around one `::`; the last two may be an IPv4 address. Without brackets
/// and zone. Nothing for another text.
std::optional<IpV6> parse_ipv6(std::string_view text);

}  // namespace danwa::adapters::http
