#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/request.hpp"
#include "domain/core/result.hpp"

namespace danwa::adapters::http {

/// The bearer token of a request: of `Authorization: Bearer` (exactly one header line, any case of the
/// scheme), else of the WebSocket subprotocol pair `danwa.v1, bearer.<token>`, else of the query's
/// `access_token`. Nothing when the request has none. Errors: `token-invalid` (unauthenticated), one for
/// every reason: another scheme, two header lines, an empty or malformed token, two ways at once.
domain::Result<std::optional<std::string>> bearer_token(const Request& request);

/// The one error for every token that is not accepted.
domain::Errors token_invalid();

/// The subprotocol that danwa speaks on its WebSockets.
inline constexpr std::string_view kSubprotocol = "danwa.v1";

/// True when the client offers `danwa.v1` in `Sec-WebSocket-Protocol`: what to answer then.
bool offers_subprotocol(const Request& request);

}  // namespace danwa::adapters::http
