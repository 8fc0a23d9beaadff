#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/message.hpp"
#include "adapters/protocol/http/request_target.hpp"

namespace danwa::adapters::http {

/// A parsed request, for tests.
inline Request make_request(std::string_view method, std::string_view target,
                            std::vector<std::pair<std::string, std::string>> headers = {}) {
  Request request;
  request.method = method;
  request.target = target;
  auto url = parse_url(target).value();
  request.segments = std::move(url.segments);
  request.query = std::move(url.query);
  request.headers = std::move(headers);
  return request;
}

}  // namespace danwa::adapters::http
