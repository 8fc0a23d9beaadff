#include "usecase/leases.hpp"

#include <atomic>
#include <utility>
#include <vector>

// A node has one timer for all tokens instead of one per connection. Each held lease has one entry in a map that is
// sorted by the time of its next notice: first the warning, then the end. `advance` takes the entries whose time has
// come under the mutex, and calls their owners after releasing it, so that an owner may use the leases. A token without
// an expiry has its entry at the largest time, so that `recheck` finds it.

namespace danwa::usecase {
namespace {

using domain::Timestamp;

constexpr Timestamp kNever = Timestamp::max();

class EndlessLease final : public CredentialLease {
 public:
  explicit EndlessLease(domain::Credential who) : who_{std::move(who)} {}

  const domain::Credential& who() const override { return who_; }
  std::optional<LeaseEnd> ended() const override { return std::nullopt; }
  void hold(std::weak_ptr<LeaseOwner> /*owner*/, std::chrono::milliseconds /*lead*/) override {}
  void release() override {}

 private:
  const domain::Credential who_;
};

struct Notice {
  std::shared_ptr<LeaseOwner> owner;
  std::optional<LeaseEnd> end;  // empty: it ends soon

  void tell() const {
    if (!owner) return;
    end ? owner->on_lease_end(*end) : owner->on_lease_ending();
  }
};

void tell(const std::vector<Notice>& notices) {
  for (const auto& notice : notices) notice.tell();
}

}  // namespace

class Leases::Lease final : public CredentialLease {
 public:
  Lease(std::shared_ptr<Leases> all, std::shared_ptr<const Proof> proof)
      : all_{std::move(all)}, proof_{std::move(proof)} {}
  ~Lease() override { release(); }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  const domain::Credential& who() const override { return proof_->who; }

  std::optional<LeaseEnd> ended() const override {
    const State state = state_.load(std::memory_order_relaxed);
    if (state == State::expired) return LeaseEnd::expired;
    if (state == State::revoked) return LeaseEnd::revoked;
    if (proof_->who.expires_at && all_->clock_.now() >= *proof_->who.expires_at) return LeaseEnd::expired;
    return proof_->holds() ? std::nullopt : std::optional{LeaseEnd::revoked};
  }

  void hold(std::weak_ptr<LeaseOwner> owner, std::chrono::milliseconds lead) override {
    bool first = false;
    {
      const std::lock_guard lock{all_->mutex_};
      leave();
      owner_ = std::move(owner);
      warns_ = lead > lead.zero() && proof_->who.expires_at.has_value();
      enter(warns_ ? *proof_->who.expires_at - lead : end());
      first = entry_ == all_->moments_.begin();
    }
    // The keys may have changed between the verification and now, when no `recheck` knew of this lease.
    if (const auto why = ended()) return end_now(*why);
    if (first && all_->wake_) all_->wake_();
  }

  void release() override {
    const std::lock_guard lock{all_->mutex_};
    leave();
    owner_.reset();
  }

  // The functions below are called with the mutex of the leases locked.

  /// The time of its entry has come.
  Notice take_notice() {
    if (!std::exchange(warns_, false)) return finish(LeaseEnd::expired);
    leave();
    enter(end());
    return {owner_.lock(), std::nullopt};
  }

  Notice finish(LeaseEnd why) {
    state_.store(why == LeaseEnd::expired ? State::expired : State::revoked, std::memory_order_relaxed);
    leave();
    return {std::exchange(owner_, {}).lock(), why};
  }

  bool holds() const { return proof_->holds(); }

 private:
  enum class State : std::uint8_t { active, expired, revoked };

  Timestamp end() const { return proof_->who.expires_at.value_or(kNever); }

  void end_now(LeaseEnd why) {
    std::unique_lock lock{all_->mutex_};
    if (!held_) return;  // another thread has notified the owner
    const Notice notice = finish(why);
    lock.unlock();
    notice.tell();
  }

  void enter(Timestamp moment) {
    entry_ = all_->moments_.emplace(moment, this);
    held_ = true;
  }
  void leave() {
    if (std::exchange(held_, false)) all_->moments_.erase(entry_);
  }

  const std::shared_ptr<Leases> all_;
  const std::shared_ptr<const Proof> proof_;
  std::weak_ptr<LeaseOwner> owner_;
  Moments::iterator entry_{};
  std::atomic<State> state_{State::active};
  bool held_ = false;   // it has an entry
  bool warns_ = false;  // its entry is the warning
};

LeasePtr Leases::grant(std::shared_ptr<const Proof> proof) {
  return std::make_shared<Lease>(shared_from_this(), std::move(proof));
}

void Leases::advance() {
  const Timestamp now = clock_.now();
  std::vector<Notice> notices;
  {
    const std::lock_guard lock{mutex_};
    // After a warning the lease gets an entry for its end, which this loop meets if that is due as well.
    while (!moments_.empty() && moments_.begin()->first <= now) {
      notices.push_back(moments_.begin()->second->take_notice());
    }
  }
  tell(notices);
}

std::optional<Timestamp> Leases::next() const {
  const std::lock_guard lock{mutex_};
  if (moments_.empty() || moments_.begin()->first == kNever) return std::nullopt;
  return moments_.begin()->first;
}

std::size_t Leases::recheck() {
  std::vector<Notice> notices;
  {
    const std::lock_guard lock{mutex_};
    for (auto at = moments_.begin(); at != moments_.end();) {
      Lease& lease = *at++->second;
      if (!lease.holds()) notices.push_back(lease.finish(LeaseEnd::revoked));
    }
  }
  tell(notices);
  return notices.size();
}

LeasePtr endless_lease(domain::Credential who) { return std::make_shared<EndlessLease>(std::move(who)); }

domain::Errors credential_ended(LeaseEnd why) {
  const bool expired = why == LeaseEnd::expired;
  return domain::DomainError{domain::ErrorKind::unauthenticated, expired ? "token-expired" : "token-revoked",
                             "authorization",
                             expired ? "The bearer token has expired." : "The bearer token is not valid any more."};
}

}  // namespace danwa::usecase
