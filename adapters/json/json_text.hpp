#pragma once

#include <string>
#include <string_view>

namespace danwa::adapters {

/// Appends `text` (well-formed UTF-8) as a JSON string, quotes included (RFC 8259 section 7).
void append_json_string(std::string& out, std::string_view text);

}  // namespace danwa::adapters
