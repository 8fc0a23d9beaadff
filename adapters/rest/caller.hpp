#pragma once

#include <optional>
#include <string>

#include "adapters/http/message.hpp"
#include "adapters/http/router.hpp"
#include "domain/account/credential.hpp"
#include "domain/core/result.hpp"
#include "usecase/comments.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/updates.hpp"

namespace danwa::adapters {

/// Position to return with a read of the master. Empty for a client that sent none, because reading the position costs
/// a query and only its users should pay for it. Also empty if the position cannot be read, since the answer itself is
/// valid.
usecase::Async<std::optional<domain::Position>> attach_position(const usecase::ReadPosition& read,
                                                                std::optional<domain::Position> seen);

/// The value of the header `Idempotency-Key`, unchecked. Errors: `idempotency-key-repeated` (malformed).
domain::Result<std::optional<std::string>> read_idempotency_key(const http::Request& request);

/// Reads the preconditions of a request that changes something. Errors: those of `http::Preconditions::read`. The
/// returned precondition fails with `version-mismatch` for an `If-Match` that names no present version, else with
/// `precondition-failed`.
domain::Result<usecase::Precondition> read_precondition(const http::Request& request);

/// The caller of a route that needs one; the router has verified it. Valid while the request is.
inline const domain::Credential& caller_of(const http::Request& request) { return request.lease->who(); }

/// The lease for the bearer token of the request. Errors: `token-invalid`, `token-required`; those of `check_way`.
domain::Result<usecase::LeasePtr> lease_of(const http::Request& request, const usecase::TokenVerifier& tokens);

/// Rejects a request that a proxy forwarded from another host, if tokens prove nothing: `development-behind-proxy`.
domain::Result<void> check_way(const http::Request& request, const usecase::TokenVerifier& tokens);

/// Admits the caller by the head alone, before the body is read. A writer without a name, who may only read, needs a
/// token (`token-required`). A position token of a writer must be valid (`position-invalid`, `position-repeated`), even
/// though a write does not use it. Errors: those, and those of `lease_of`.
domain::Result<usecase::LeasePtr> let_in(const http::Request& head, http::CallerNeed need,
                                         const usecase::TokenVerifier& tokens);

}  // namespace danwa::adapters
