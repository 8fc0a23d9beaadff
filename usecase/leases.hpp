#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "usecase/ports/clock.hpp"
#include "usecase/ports/credential_lease.hpp"

namespace danwa::usecase {

/// What a verified token proves, shared by every lease of that token. Immutable but for what `holds` looks at.
class Proof {
 public:
  explicit Proof(domain::Credential credential) : who{std::move(credential)} {}
  virtual ~Proof() = default;

  /// False once the key that proved it is gone, or it was taken back. Thread safe, cheap: asked at the end of every
  /// read and, for each lease that is held, by `Leases::recheck`.
  virtual bool holds() const { return true; }

  const domain::Credential who;
};

/// All leases of a node, and the one clock for them. A lease that nobody holds costs nothing here: it is asked. One
/// that is held stands in a list by the moment that its owner is told next.
///
/// Has no thread: somebody calls `advance` when `next` says so. Moments are those of the wall clock, so no moment is
/// too far away (a token of the year 9999 is one entry at the end of the list). Thread safe.
class Leases : public std::enable_shared_from_this<Leases> {
 public:
  /// `wake`: called when `next` has become earlier, from the thread that holds a lease; only signals. The clock
  /// outlives the leases.
  explicit Leases(const Clock& clock, std::function<void()> wake = {}) : clock_{clock}, wake_{std::move(wake)} {}

  LeasePtr grant(std::shared_ptr<const Proof> proof);

  /// Tells the owners whose moment has come.
  void advance();

  /// When `advance` is worth calling again; nothing while nobody waits for a moment.
  std::optional<domain::Timestamp> next() const;

  /// Looks at the proof of every lease that is held, and ends those that hold no more. Called when keys have changed
  /// or something was taken back. Returns how many it ended.
  std::size_t recheck();

 private:
  class Lease;
  using Moments = std::multimap<domain::Timestamp, Lease*>;

  const Clock& clock_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;  // owners come and go on all threads; held for a step in the list, never for a call out
  Moments moments_;
};

/// A lease that never ends: of development mode, where nothing is proved.
LeasePtr endless_lease(domain::Credential who);

}  // namespace danwa::usecase
