#pragma once

#include <string_view>

#include "adapters/http/message.hpp"
#include "adapters/protocol/http/request_target.hpp"
#include "domain/core/result.hpp"

namespace danwa::adapters::http {

/// The answer of RFC 9457 for these errors: `application/problem+json` with `type, title, status, detail, errorCode`
/// and `errors: [{errorCode, resource, message}]`. The kind of the first error decides the status: validation 422,
/// malformed 400, unauthenticated 401 with `WWW-Authenticate`, forbidden 403, not_found 404, conflict 409,
/// precondition_failed 412, too_many 429 and unavailable 503, both with `Retry-After`, internal 500.
Response problem(const domain::Errors& errors);

/// The same for a failure of HTTP itself, e.g. `problem(413, "body-too-large", "...")`.
Response problem(int status, std::string_view code, std::string_view detail);

inline Response to_response(const Refusal& refusal) { return problem(refusal.status, refusal.code, refusal.detail); }

}  // namespace danwa::adapters::http
