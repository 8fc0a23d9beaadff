#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace danwa::adapters::http {

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

}  // namespace danwa::adapters::http
