#pragma once

#include "adapters/http/request.hpp"

namespace danwa::adapters::http {

/// True when the body is declared as plain `application/json`: one `Content-Type`, no charset but UTF-8,
/// no `Content-Encoding` but identity.
bool is_json(const Request& request);

}  // namespace danwa::adapters::http
