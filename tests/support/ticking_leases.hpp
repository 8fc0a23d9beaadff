#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "usecase/leases.hpp"

namespace danwa::tests {

/// Leases with a thread that tells their owners, some milliseconds late at most. All of them can be revoked.
class TickingLeases {
 public:
  explicit TickingLeases(const usecase::Clock& clock) : leases_{std::make_shared<usecase::Leases>(clock)} {
    thread_ = std::thread{[this] {
      while (!stops_) {
        leases_->recheck();
        leases_->advance();
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
      }
    }};
  }
  ~TickingLeases() { stop(); }

  /// Holds and tells no owner any more. Not on the thread of an owner that it holds.
  void stop() {
    stops_ = true;
    if (thread_.joinable()) thread_.join();
  }
  TickingLeases(const TickingLeases&) = delete;
  TickingLeases& operator=(const TickingLeases&) = delete;

  usecase::LeasePtr grant(domain::Credential who) const {
    return leases_->grant(std::make_shared<const Revocable>(std::move(who), revoked_));
  }
  /// Of somebody, until then.
  usecase::LeasePtr until(domain::Timestamp end) const {
    return grant({.company = domain::CompanyId::trusted("acme"),
                  .user = domain::UserId::trusted("ann"),
                  .stores = {},
                  .grants = std::nullopt,
                  .expires_at = end});
  }
  void revoke() { *revoked_ = true; }

 private:
  class Revocable final : public usecase::Proof {
   public:
    Revocable(domain::Credential credential, std::shared_ptr<const std::atomic<bool>> revoked)
        : Proof{std::move(credential)}, revoked_{std::move(revoked)} {}
    bool holds() const override { return !*revoked_; }

   private:
    const std::shared_ptr<const std::atomic<bool>> revoked_;
  };

  const std::shared_ptr<std::atomic<bool>> revoked_ = std::make_shared<std::atomic<bool>>(false);
  const std::shared_ptr<usecase::Leases> leases_;
  std::atomic<bool> stops_{false};
  std::thread thread_;
};

}  // namespace danwa::tests
