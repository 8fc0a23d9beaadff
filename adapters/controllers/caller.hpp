#pragma once

#include "adapters/http/request.hpp"
#include "adapters/http/router.hpp"
#include "domain/account/credential.hpp"
#include "domain/core/result.hpp"
#include "usecase/ports/token_verifier.hpp"

namespace danwa::adapters {

/// The lease of the request's sender: the one that the router has put into the request, else the one of its bearer
/// token. Errors: `token-invalid`, `token-required`; those of `check_way`; `token-expired` or `token-revoked` if it
/// ended while the body arrived.
domain::Result<usecase::LeasePtr> lease_of(const http::Request& request, const usecase::TokenVerifier& tokens);

/// The credential of the request's sender. Errors: the same.
domain::Result<domain::Credential> identify(const http::Request& request, const usecase::TokenVerifier& tokens);

/// The same for a request that changes something. A caller without a name, who may only read, needs a token
/// (`token-required`).
domain::Result<domain::Credential> identify_writer(const http::Request& request, const usecase::TokenVerifier& tokens);

/// Rejects a request that a proxy forwarded from another host, if tokens prove nothing: `development-behind-proxy`.
domain::Result<void> check_way(const http::Request& request, const usecase::TokenVerifier& tokens);

/// Admits the caller by the head alone, before the body is read. A position token of a writer must be valid
/// (`position-invalid`, `position-repeated`), even though a write does not use it.
domain::Result<usecase::LeasePtr> let_in(const http::Request& head, http::CallerNeed need,
                                         const usecase::TokenVerifier& tokens);

}  // namespace danwa::adapters
