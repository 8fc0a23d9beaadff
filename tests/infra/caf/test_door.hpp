#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/delivery/update_feed.hpp"
#include "support/wait_for.hpp"

namespace danwa::tests {

/// A door that keeps what it is handed. Thread safe.
class TestDoor final : public adapters::Watcher {
 public:
  void deliver(adapters::FrameBatch frames) override {
    const std::scoped_lock lock{mutex_};
    for (auto& frame : frames) frames_.push_back(std::move(frame));
    if (subscription_ != nullptr) subscription_->ready();  // only enqueues
  }
  void end(adapters::WatchEnd reason) override {
    const std::scoped_lock lock{mutex_};
    end_ = reason;
  }

  /// Says ready now and after every batch, until `stop_reading`.
  void read_on(adapters::Subscription& subscription) {
    const std::scoped_lock lock{mutex_};
    subscription_ = &subscription;
    subscription.ready();
  }
  void stop_reading() {
    const std::scoped_lock lock{mutex_};
    subscription_ = nullptr;
  }

  std::vector<adapters::FramePtr> frames() const {
    const std::scoped_lock lock{mutex_};
    return frames_;
  }
  std::optional<adapters::WatchEnd> ended() const {
    const std::scoped_lock lock{mutex_};
    return end_;
  }

  /// The seqs of the updates so far.
  std::vector<domain::Seq> seqs() const {
    std::vector<domain::Seq> all;
    for (const auto& frame : frames()) {
      if (frame->kind() == adapters::FrameKind::update) all.push_back(frame->seq());
    }
    return all;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<adapters::FramePtr> frames_;
  std::optional<adapters::WatchEnd> end_;
  adapters::Subscription* subscription_ = nullptr;
};

}  // namespace danwa::tests
