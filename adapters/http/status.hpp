#pragma once

#include <string_view>

namespace danwa::adapters::http {

/// The reason phrase of RFC 9110 for a status that danwa answers; "Unknown" for another.
std::string_view status_text(int status);

}  // namespace danwa::adapters::http
