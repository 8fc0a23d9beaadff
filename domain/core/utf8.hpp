#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace danwa::domain {

/// Number of code points of `text`, or nothing when it is not well-formed UTF-8 (RFC 3629: no
/// overlong forms, no surrogates, nothing above U+10FFFF).
std::optional<std::size_t> count_code_points(std::string_view text);

/// True when `text` (well-formed UTF-8) holds a C0 control, DEL or a C1 control character.
bool has_control_character(std::string_view text);

}  // namespace danwa::domain
