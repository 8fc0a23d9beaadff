#pragma once

#include <string_view>

#include "domain/account/credential.hpp"
#include "domain/core/result.hpp"

namespace danwa::usecase {

/// Turns a bearer token into who it proves. Thread safe.
/// Errors: kind unauthenticated, one code and message for every reason (`token-invalid`), so that
/// nothing is learnt from trying; the reason goes to the log and the metrics of the implementation.
class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  virtual domain::Result<domain::Credential> verify(std::string_view token) const = 0;

  /// Who calls without any token; development mode lets `anonymous` read. Errors as above, code
  /// `token-required`.
  virtual domain::Result<domain::Credential> verify_absent() const = 0;
};

}  // namespace danwa::usecase
