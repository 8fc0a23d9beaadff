#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/wait_for.hpp"
#include "usecase/delivery/update_feed.hpp"

namespace danwa::tests {

/// A transport that keeps what it is handed. Thread safe.
class TestTransport final : public delivery::Watcher {
 public:
  void deliver(delivery::FrameBatch frames) override {
    const std::scoped_lock lock{mutex_};
    for (auto& frame : frames) frames_.push_back(std::move(frame));
    if (subscription_ != nullptr) subscription_->ready();  // only enqueues
  }
  void end(delivery::WatchCloseReason reason) override {
    const std::scoped_lock lock{mutex_};
    end_ = reason;
  }

  /// Says ready now and after every batch, until `stop_reading`.
  void read_on(delivery::Subscription& subscription) {
    const std::scoped_lock lock{mutex_};
    subscription_ = &subscription;
    subscription.ready();
  }
  void stop_reading() {
    const std::scoped_lock lock{mutex_};
    subscription_ = nullptr;
  }

  std::vector<delivery::FramePtr> frames() const {
    const std::scoped_lock lock{mutex_};
    return frames_;
  }
  std::optional<delivery::WatchCloseReason> ended() const {
    const std::scoped_lock lock{mutex_};
    return end_;
  }

  /// The seqs of the updates so far.
  std::vector<domain::Seq> seqs() const {
    std::vector<domain::Seq> all;
    for (const auto& frame : frames()) {
      if (frame->kind() == delivery::FrameKind::update) all.push_back(frame->seq());
    }
    return all;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<delivery::FramePtr> frames_;
  std::optional<delivery::WatchCloseReason> end_;
  delivery::Subscription* subscription_ = nullptr;
};

}  // namespace danwa::tests
