#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace danwa::domain {

/// Percent-encodes every byte that is not an unreserved character of RFC 3986 (section 2.3).
std::string percent_encode(std::string_view text);

/// Undoes percent-encoding; nothing when a `%` is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace danwa::domain
