#pragma once

#include <string_view>

#include "domain/core/result.hpp"
#include "usecase/ports/credential_lease.hpp"

namespace danwa::usecase {

/// Turns a bearer token into a lease of the proved caller. Thread safe. The leases may outlive the verifier. Errors:
/// kind unauthenticated, with one code and message for every reason (`token-invalid`), so that attempts disclose
/// nothing; the implementation logs and counts the reason.
class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  virtual domain::Result<LeasePtr> lease(std::string_view token) const = 0;

  /// For a caller without a token; development mode lets `anonymous` read. Errors as above, with the code
  /// `token-required`.
  virtual domain::Result<LeasePtr> lease_absent() const = 0;

  /// False: a token is only a name (development mode), so no client from outside this host may be admitted.
  virtual bool proves() const { return true; }
};

}  // namespace danwa::usecase
