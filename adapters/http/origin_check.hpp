#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "adapters/http/request.hpp"
#include "adapters/http/response.hpp"

namespace danwa::adapters::http {

/// Who may speak to the server through a browser: any website can make one connect to 127.0.0.1, under
/// a name of its own (DNS rebinding).
///
/// 421 when `hosts` is not empty and the `Host` is none of it; 403 when `origins` is not empty and there
/// is an `Origin` that is none of it and not the `Host` itself. An entry without port matches any port;
/// letters of any case are equal.
std::optional<Response> check_origin(const Request& request, std::span<const std::string> hosts,
                                     std::span<const std::string> origins);

/// True when `origin` is one of `origins`, by the same rules.
bool is_listed_origin(std::string_view origin, std::span<const std::string> origins);

}  // namespace danwa::adapters::http
