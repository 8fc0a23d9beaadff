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
  bool other_scheme = false;  ///< `Authorization` also holds credentials of another scheme, perhaps for a proxy
};

/// Finds the one bearer token of a request (RFC 6750 section 2): in `Authorization: Bearer` (any case of the scheme),
/// in the WebSocket subprotocol pair `danwa.v1, bearer.<token>`, or in the query's `access_token`. Errors:
/// `token-invalid` (unauthenticated) for an empty or malformed token, and for two tokens, wherever they are.
domain::Result<Bearer> find_bearer(const Request& request);

/// The token of a request; nullopt if it has no credentials. Errors: as above, and for credentials of another scheme
/// alone.
domain::Result<std::optional<std::string>> bearer_token(const Request& request);

/// The one error for every token that is not accepted.
domain::Errors token_invalid();

/// The subprotocol that danwa speaks on its WebSockets.
inline constexpr std::string_view kSubprotocol = "danwa.v1";

/// True if the client offers `danwa.v1` in `Sec-WebSocket-Protocol`. The answer then names it.
bool offers_subprotocol(const Request& request);

}  // namespace danwa::adapters::http
