#include "domain/channel/position.hpp"

#include <charconv>

namespace danwa::domain {
namespace {

/// Digits alone, all of 64 bits.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  if (text.empty() || error != std::errc{} || end != last) return std::nullopt;
  return number;
}

}  // namespace

Result<Position> Position::parse(std::string_view text) {
  const auto point = text.find('.');
  const auto number = point == std::string_view::npos ? std::nullopt : parse_number(text.substr(point + 1));
  if (number && is_epoch(text.substr(0, point))) return Position{Epoch{text.substr(0, point)}, *number};
  return fail(DomainError{ErrorKind::malformed, "position-invalid", "Danwa-Position",
                          "Danwa-Position must be one that an answer had: <epoch>.<number>."});
}

std::string Position::to_string() const { return epoch + '.' + std::to_string(number); }

}  // namespace danwa::domain
