#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace danwa::infra {

/// "host:port"; an IPv6 host is in brackets.
struct Address {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;

  static constexpr std::size_t kMaxText = 255;

  /// As net::parse_host_port. Returns nullopt if the host is empty, or the text is longer than `kMaxText` or not
  /// visible ASCII.
  static std::optional<Address> parse(std::string_view text);

  std::string to_string() const;
  bool is_ip() const;
};

/// 1 to `most` visible ASCII characters.
bool is_visible_ascii(std::string_view text, std::size_t most);

}  // namespace danwa::infra
