#pragma once

#include <string_view>

#include "adapters/http/request.hpp"

namespace danwa::adapters::http {

/// True when the body is declared as plain `application/json`: one `Content-Type`, with whatever parameters
/// (RFC 8259 section 11 defines none) but a charset that is not UTF-8; no `Content-Encoding` but identity.
bool is_json(const Request& request);

/// `utf-8` by one of its names, in any case.
bool is_utf8_name(std::string_view charset);

}  // namespace danwa::adapters::http
