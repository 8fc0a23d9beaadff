#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "domain/account/credential.hpp"
#include "domain/core/result.hpp"
#include "domain/core/time.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::usecase {

/// The reason why a credential has ended.
enum class LeaseEnd : std::uint8_t {
  expired,  ///< its time is over
  revoked   ///< the key that proved it is gone, or it was taken back
};

/// The error for a request whose credential ended while it was served: kind unauthenticated, code
/// `token-expired` or `token-revoked`.
domain::Errors credential_ended(LeaseEnd why);

/// Owner of a lease that lasts longer than one answer. Called on the thread of the leases, which an implementation must
/// not block: it hands over to a thread of its own.
class LeaseOwner {
 public:
  virtual ~LeaseOwner() = default;
  /// The credential ends soon. At most once, and before `on_lease_end`.
  virtual void on_lease_ending() = 0;
  /// The credential has ended. Once; nothing follows.
  virtual void on_lease_end(LeaseEnd why) = 0;
};

/// The permission of one request, wait or stream, and its duration. The token was verified when the lease was created;
/// a holder of the lease neither verifies it again nor needs a clock. Thread safe.
class CredentialLease {
 public:
  virtual ~CredentialLease() = default;

  /// The caller that the token proves. Does not change.
  virtual const domain::Credential& who() const = 0;

  /// Checks the clock and the keys now. Empty: the credential holds.
  virtual std::optional<LeaseEnd> ended() const = 0;

  /// Notifies `owner` from now on; one owner at a time. An owner of a credential that has ended already is notified,
  /// too. `lead`: time between `on_lease_ending` and the end; 0: no such notice. The destructor of the lease releases
  /// the owner.
  virtual void hold(std::weak_ptr<LeaseOwner> owner, std::chrono::milliseconds lead) = 0;

  /// Releases the owner. A call to it that is in progress may still arrive.
  virtual void release() = 0;
};

using LeasePtr = std::shared_ptr<CredentialLease>;

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

  /// When this returns, no owner of a lease is told of its end any more, and none is held by the verifier. Idempotent.
  virtual void stop() {}
};

/// Checks again whether a user may still watch a conversation. Thread safe.
class AccessCheck {
 public:
  virtual ~AccessCheck() = default;

  struct Answer {
    bool allowed = false;
    domain::Seq checked_through = 0;  ///< head of the conversation's log in the same snapshot of the master
    domain::Epoch epoch{};            ///< of that log; empty: not known
  };
  /// Errors: `unavailable`.
  virtual Async<domain::Result<Answer>> check(AccessGuard guard) = 0;
};

}  // namespace danwa::usecase
