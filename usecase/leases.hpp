#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "usecase/ports/credentials.hpp"
#include "usecase/ports/system.hpp"

namespace danwa::usecase {

/// The credential that a verified token proves, shared by every lease of that token. Immutable, except for the result
/// of `holds`.
class Proof {
 public:
  explicit Proof(domain::Credential credential) : who{std::move(credential)} {}
  virtual ~Proof() = default;

  /// False once the key that proved the token is gone, or the token was revoked. Thread safe and cheap: called at the
  /// end of every read and, for each held lease, by `Leases::recheck`.
  virtual bool holds() const { return true; }

  const domain::Credential who;
};

/// All leases of a node, and the one clock for them. A lease without an owner costs nothing here; it is checked when it
/// is used. A lease with an owner is in a list, sorted by the time of the owner's next notice.
///
/// Has no thread: a timer of the caller calls `advance` at the time that `next` returns. Times are wall-clock times, so
/// no time is too far away: a token of the year 9999 is one entry at the end of the list. Thread safe.
class Leases : public std::enable_shared_from_this<Leases> {
 public:
  /// `wake` is called when `next` has become earlier, on the thread that calls `hold`; it must only signal. The clock
  /// outlives the leases.
  explicit Leases(const Clock& clock, std::function<void()> wake = {}) : clock_{clock}, wake_{std::move(wake)} {}

  LeasePtr grant(std::shared_ptr<const Proof> proof);

  /// Notifies the owners whose time has come.
  void advance();

  /// The time of the next notice; empty while there is none.
  std::optional<domain::Timestamp> next() const;

  /// Checks the proof of every held lease, and ends the leases whose proof no longer holds. Called when keys have
  /// changed or a token was revoked. Returns how many leases it ended.
  std::size_t recheck();

 private:
  class Lease;
  using Moments = std::multimap<domain::Timestamp, Lease*>;

  const Clock& clock_;
  const std::function<void()> wake_;
  mutable std::mutex
      mutex_;  // owners come and go on all threads; held for one step in the list, never during a call to an owner
  Moments moments_;
};

/// A lease that never ends, for development mode, where nothing is proved.
LeasePtr endless_lease(domain::Credential who);

}  // namespace danwa::usecase
