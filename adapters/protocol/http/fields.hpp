#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/core/time.hpp"

namespace danwa::adapters::http {

/// The reason phrase (RFC 9110) of a status that danwa sends; "Unknown" for any other status.
std::string_view status_text(int status);

/// The characters of tokens (RFC 9110 section 5.6.2).
bool is_token_char(char c);
bool is_token(std::string_view text);  ///< one or more token characters

bool is_value_char(char c);  ///< allowed in a header's value: no control character except the tab

char to_lower(char c);  ///< ASCII only
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);

/// `text` without the spaces and tabs at both ends.
std::string_view trim(std::string_view text);

/// Removes the first element from a list and returns it trimmed. A separator inside a quoted string does not separate.
/// Returns nullopt at the end of the list.
///
///     while (auto element = next_element(list, ',')) ...
std::optional<std::string_view> next_element(std::string_view& list, char separator);

struct Parameter {
  std::string_view name;  ///< as sent; compares without case
  std::string value;      ///< without the quotes and backslashes of a quoted string
};

/// Reads `*( OWS ";" OWS [ name "=" ( token / quoted-string ) ] )` (RFC 9110 section 5.6.6). There is no blank around
/// the equals sign, and empty parameters are skipped. `list` is the text after the first semicolon; it outlives this
/// object.
///
///     while (const auto parameter = parameters.next()) ...
///     if (parameters.malformed()) ...
class Parameters {
 public:
  explicit Parameters(std::string_view list) : rest_{list} {}

  /// Returns nullopt at the end, and from the first malformed parameter on.
  std::optional<Parameter> next();
  bool malformed() const { return malformed_; }

 private:
  std::string_view rest_;
  bool malformed_ = false;
};

/// IMF-fixdate of RFC 9110 section 5.6.7: `Sun, 22 Nov 2026 23:59:59 GMT`.
std::string to_http_date(domain::Timestamp time);

/// Parses that form, and the two older forms that a recipient must understand: `Sunday, 06-Nov-94 08:49:37 GMT` (years
/// from 70 on are of the last century) and `Sun Nov  6 08:49:37 1994`. Returns nullopt for any other text.
std::optional<domain::Timestamp> parse_http_date(std::string_view text);

}  // namespace danwa::adapters::http
