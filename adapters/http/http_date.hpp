#pragma once

#include <string>

#include "domain/core/time.hpp"

namespace danwa::adapters::http {

/// IMF-fixdate of RFC 9110 section 5.6.7: `Sun, 22 Nov 2026 23:59:59 GMT`.
std::string to_http_date(domain::Timestamp time);

}  // namespace danwa::adapters::http
