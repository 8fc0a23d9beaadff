#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/core/time.hpp"

namespace danwa::adapters::http {

/// The reason phrase of RFC 9110 for a status that danwa answers; "Unknown" for another.
std::string_view status_text(int status);

/// The small words of RFC 9110 section 5.6, of which header fields are made.
bool is_token_char(char c);
bool is_token(std::string_view text);  ///< one or more token characters

bool is_value_char(char c);  ///< of a header's value: no control but the tab

char to_lower(char c);  ///< ASCII only
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// Without the spaces and tabs at both ends.
std::string_view trim(std::string_view text);

/// A whole decimal number without sign; nothing for anything else or more than 64 bits.
std::optional<unsigned long long> parse_decimal(std::string_view text);

/// Takes the first element, trimmed, off a list separated by `separator`; one inside a quoted string does
/// not separate. Nothing when `list` is used up.
///
///     while (auto element = next_element(list, ',')) ...
std::optional<std::string_view> next_element(std::string_view& list, char separator);

struct Parameter {
  std::string_view name;  ///< as sent; compares without case
  std::string value;      ///< without the quotes and backslashes of a quoted string
};

/// Reads `*( OWS ";" OWS [ name "=" ( token / quoted-string ) ] )`, RFC 9110 section 5.6.6; no blank stands around
/// the equals sign, empty parameters are none. `list` is what follows the first semicolon, and outlives this.
///
///     while (const auto parameter = parameters.next()) ...
///     if (parameters.malformed()) ...
class Parameters {
 public:
  explicit Parameters(std::string_view list) : rest_{list} {}

  /// Nothing at the end, and from the first malformed one on.
  std::optional<Parameter> next();
  bool malformed() const { return malformed_; }

 private:
  std::string_view rest_;
  bool malformed_ = false;
};

/// IMF-fixdate of RFC 9110 section 5.6.7: `Sun, 22 Nov 2026 23:59:59 GMT`.
std::string to_http_date(domain::Timestamp time);

/// The same, and the two older forms that a recipient must understand: `Sunday, 06-Nov-94 08:49:37 GMT` (years
/// from 70 on are of the last century) and `Sun Nov  6 08:49:37 1994`. Nothing for anything else.
std::optional<domain::Timestamp> parse_http_date(std::string_view text);

}  // namespace danwa::adapters::http
