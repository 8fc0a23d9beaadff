#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/http/message.hpp"
#include "domain/core/result.hpp"

namespace danwa::adapters::http {

/// The credentials that a request holds.
struct Bearer {
  std::optional<std::string> token;
  bool other_scheme = false;  ///< `Authorization` holds, too, credentials that are not for us, of a proxy perhaps
};

/// The one bearer token of a request (RFC 6750 section 2): of `Authorization: Bearer` (any case of the scheme), of the
/// WebSocket subprotocol pair `danwa.v1, bearer.<token>`, or of the query's `access_token`. Errors: `token-invalid`
/// (unauthenticated) for an empty or malformed token, and for two of them, wherever they stand.
domain::Result<Bearer> find_bearer(const Request& request);

/// Its token; nothing when the request has no credentials. Errors: the same, and for credentials of another scheme
/// alone.
domain::Result<std::optional<std::string>> bearer_token(const Request& request);

/// The one error for every token that is not accepted.
domain::Errors token_invalid();

/// The subprotocol that danwa speaks on its WebSockets.
inline constexpr std::string_view kSubprotocol = "danwa.v1";

/// True when the client offers `danwa.v1` in `Sec-WebSocket-Protocol`: what to answer then.
bool offers_subprotocol(const Request& request);

}  // namespace danwa::adapters::http
