#pragma once

#include "adapters/http/request.hpp"
#include "adapters/http/router.hpp"
#include "domain/account/credential.hpp"
#include "domain/core/result.hpp"
#include "usecase/ports/token_verifier.hpp"

namespace danwa::adapters {

/// The lease of whoever sent the request: the one that the router has put into it, else by its bearer token. Errors:
/// `token-invalid`, `token-required`; those of `check_way`; `token-expired` or `token-revoked` when it ended while the
/// body came.
domain::Result<usecase::LeasePtr> lease_of(const http::Request& request, const usecase::TokenVerifier& tokens);

/// Who that is. Errors: the same.
domain::Result<domain::Credential> identify(const http::Request& request, const usecase::TokenVerifier& tokens);

/// The same for a request that changes something: whoever is only let in to read needs a token (`token-required`).
domain::Result<domain::Credential> identify_writer(const http::Request& request, const usecase::TokenVerifier& tokens);

/// Refuses a request that a proxy passed on from another host where tokens prove nothing: `development-behind-proxy`.
domain::Result<void> check_way(const http::Request& request, const usecase::TokenVerifier& tokens);

/// Lets in, from the head alone, who calls. Of a writer a position that comes along must be one
/// (`position-invalid`, `position-repeated`), though what is written is written at the end anyway.
domain::Result<usecase::LeasePtr> let_in(const http::Request& head, http::CallerNeed need,
                                         const usecase::TokenVerifier& tokens);

}  // namespace danwa::adapters
