#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "domain/account/credential.hpp"
#include "domain/core/error.hpp"
#include "domain/core/time.hpp"

namespace danwa::usecase {

/// Why a credential does not hold any more.
enum class LeaseEnd : std::uint8_t {
  expired,  ///< its time is over
  revoked   ///< the key that proved it is gone, or it was taken back
};

/// The error for a request whose credential ended while it was served: kind unauthenticated, code
/// `token-expired` or `token-revoked`.
domain::Errors credential_ended(LeaseEnd why);

/// Whoever goes on for longer than one answer with a credential. Runs on: the thread of the leases, which these calls
/// must not hold up: hand over to a thread of your own.
class LeaseOwner {
 public:
  virtual ~LeaseOwner() = default;
  /// The credential ends soon. At most once, and before `on_lease_end`.
  virtual void on_lease_ending() = 0;
  /// The credential has ended. Once; nothing follows.
  virtual void on_lease_end(LeaseEnd why) = 0;
};

/// What one request, wait or stream may do, and for how long. The token was verified when the lease was made; nobody
/// who holds the lease verifies it again, and nobody has a clock of his own for it. Thread safe.
class CredentialLease {
 public:
  virtual ~CredentialLease() = default;

  /// Who the token proves. Does not change.
  virtual const domain::Credential& who() const = 0;

  /// Looks at the clock and at the keys now. Nothing: the credential holds.
  virtual std::optional<LeaseEnd> ended() const = 0;

  /// Tells `owner` from now on, at most one at a time; a credential that has ended already is told, too. `lead`: how
  /// long before the end `on_lease_ending` comes, 0 for never. The owner is forgotten with the lease.
  virtual void hold(std::weak_ptr<LeaseOwner> owner, std::chrono::milliseconds lead) = 0;

  /// Forgets the owner. A call to it that is under way may still come.
  virtual void release() = 0;
};

using LeasePtr = std::shared_ptr<CredentialLease>;

}  // namespace danwa::usecase
