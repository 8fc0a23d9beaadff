#pragma once

#include <optional>

#include "adapters/http/request.hpp"
#include "adapters/http/request_guard.hpp"
#include "adapters/http/response.hpp"

namespace danwa::adapters::http {

/// A guarded head as a request without body.
struct ParsedHead {
  Request request;
  Framing framing;
  std::optional<Response> refusal;  ///< the answer to a target that is wrong, while the framing is sound
};

/// Never fails: what is wrong now does not break the connection. A target in absolute form becomes origin
/// form when it names the request's `Host`, or there is none; else 421. Malformed paths and queries are 400.
ParsedHead parse_head(const GuardedHead& head);

}  // namespace danwa::adapters::http
