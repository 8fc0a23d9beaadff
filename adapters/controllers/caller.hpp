#pragma once

#include "adapters/http/request.hpp"
#include "domain/account/credential.hpp"
#include "domain/core/result.hpp"
#include "usecase/ports/token_verifier.hpp"

namespace danwa::adapters {

/// Who sent the request, by its bearer token. Errors: `token-invalid`, `token-required`.
domain::Result<domain::Credential> identify(const http::Request& request, const usecase::TokenVerifier& tokens);

/// The same for a request that changes something: whoever is only let in to read needs a token, and a position
/// that comes with it must be one (`position-invalid`, `position-repeated`).
domain::Result<domain::Credential> identify_writer(const http::Request& request, const usecase::TokenVerifier& tokens);

}  // namespace danwa::adapters
