#pragma once

#include <string_view>

#include "domain/core/result.hpp"
#include "usecase/ports/credential_lease.hpp"

namespace danwa::usecase {

/// Turns a bearer token into a lease of who it proves. Thread safe. The leases may outlive it.
/// Errors: kind unauthenticated, one code and message for every reason (`token-invalid`), so that
/// nothing is learnt from trying; the reason goes to the log and the metrics of the implementation.
class TokenVerifier {
 public:
  virtual ~TokenVerifier() = default;
  virtual domain::Result<LeasePtr> lease(std::string_view token) const = 0;

  /// For who calls without any token; development mode lets `anonymous` read. Errors as above, code
  /// `token-required`.
  virtual domain::Result<LeasePtr> lease_absent() const = 0;

  /// False: a token is a mere name (development mode), so that nobody may be asked in from outside of this host.
  virtual bool proves() const { return true; }
};

}  // namespace danwa::usecase
