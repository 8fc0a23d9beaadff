#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <memory>
#include <mutex>
#include <utility>

#include "adapters/delivery/frame.hpp"

namespace danwa::infra {

/// A queue of frames for one actor. Many threads put frames in; the actor takes all of them at once. One wake-up serves
/// the whole batch: a group commit produces many frames within microseconds, and one actor message per frame cost more
/// than the routing itself. At most 65,536 frames wait. Further ones are dropped, and the log tail repairs the loss.
/// Thread safe.
class FrameInbox {
 public:
  /// True: the inbox was empty, so the caller sends FramesWait to the actor.
  bool put(adapters::FramePtr frame) {
    const std::lock_guard lock{mutex_};
    if (waiting_.size() >= kMost) return false;
    waiting_.push_back(std::move(frame));
    return waiting_.size() == 1;
  }

  adapters::FrameBatch take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(waiting_, {});
  }

 private:
  static constexpr std::size_t kMost = 65'536;

  std::mutex mutex_;  // held for a push or a swap
  adapters::FrameBatch waiting_;
};

/// Message to the actor: take all frames of the inbox. Stays inside the process.
struct FramesWait {
  std::shared_ptr<FrameInbox> inbox;
};

}  // namespace danwa::infra

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::FramesWait)
