#pragma once

#include <charconv>
#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "domain/core/result.hpp"

namespace danwa::domain {

/// The number of code points of `text`; nullopt if it is not well-formed UTF-8 (RFC 3629: no overlong forms, no
/// surrogates, nothing above U+10FFFF).
std::optional<std::size_t> count_code_points(std::string_view text);

/// Whether `text` (well-formed UTF-8) holds a C0 control, DEL or a C1 control character.
bool has_control_character(std::string_view text);

/// The number that the whole of `text` is, in digits of `base`; nullopt for any other text, a plus sign and blanks
/// included, and for a number that `Number` cannot hold. Only a signed `Number` may have a minus.
template <class Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
  Number number{};
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number, base);
  if (error != std::errc{} || end != last) return std::nullopt;
  return number;
}

/// The value of a hexadecimal digit; -1 for any other character.
int hex_value(char c);

/// Percent-encodes every byte that is not an unreserved character of RFC 3986 (section 2.3).
std::string percent_encode(std::string_view text);

/// Undoes percent-encoding; nullopt if a `%` is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

/// The rules of one kind of text. Lengths are in Unicode code points.
struct TextRules {
  const char* resource;  ///< the field's name in errors
  std::size_t max;       ///< most code points allowed; the least is 1
  bool allow_controls;   ///< control characters except NUL, which is never allowed
};

/// Checks `text` against `rules`: well-formed UTF-8, no NUL, 1 to `max` code points. Errors:
/// `<resource>-invalid-utf8`, `-empty`, `-too-long`, `-control-character` (kind validation).
Result<std::string> parse_text(std::string text, const TextRules& rules);

/// A text of one kind that has passed its rules. `Tag` makes kinds distinct types.
template <class Tag>
class BoundedText {
 public:
  static Result<BoundedText> parse(std::string text) {
    return parse_text(std::move(text), Tag::kRules).map([](std::string ok) { return BoundedText{std::move(ok)}; });
  }

  /// For values that were parsed before they were stored.
  static BoundedText trusted(std::string text) { return BoundedText{std::move(text)}; }

  const std::string& value() const { return value_; }

  friend auto operator<=>(const BoundedText&, const BoundedText&) = default;

 private:
  explicit BoundedText(std::string value) : value_{std::move(value)} {}
  std::string value_;
};

}  // namespace danwa::domain

template <class Tag>
struct std::hash<danwa::domain::BoundedText<Tag>> {
  std::size_t operator()(const danwa::domain::BoundedText<Tag>& text) const noexcept {
    return std::hash<std::string>{}(text.value());
  }
};
