#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/core/time.hpp"

namespace danwa::adapters::http {

/// IMF-fixdate of RFC 9110 section 5.6.7: `Sun, 22 Nov 2026 23:59:59 GMT`.
std::string to_http_date(domain::Timestamp time);

/// The same, and the two older forms that a recipient must understand: `Sunday, 06-Nov-94 08:49:37 GMT` (years
/// from 70 on are of the last century) and `Sun Nov  6 08:49:37 1994`. Nothing for anything else.
std::optional<domain::Timestamp> parse_http_date(std::string_view text);

}  // namespace danwa::adapters::http
