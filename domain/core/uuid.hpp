#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace danwa::domain {

/// 128 bits, written in the lower-case form of RFC 9562 (8-4-4-4-12).
class Uuid {
 public:
  using Bytes = std::array<std::uint8_t, 16>;

  Uuid() = default;
  explicit Uuid(const Bytes& bytes) : bytes_{bytes} {}

  /// Reads the canonical form, upper or lower case; nullopt for any other text.
  static std::optional<Uuid> parse(std::string_view text);

  std::string to_string() const;
  const Bytes& bytes() const { return bytes_; }

  friend auto operator<=>(const Uuid&, const Uuid&) = default;

 private:
  Bytes bytes_{};
};

}  // namespace danwa::domain

template <>
struct std::hash<danwa::domain::Uuid> {
  std::size_t operator()(const danwa::domain::Uuid& id) const noexcept {
    std::size_t digest = 1469598103934665603ULL;  // FNV-1a
    for (const auto byte : id.bytes()) digest = (digest ^ byte) * 1099511628211ULL;
    return digest;
  }
};
