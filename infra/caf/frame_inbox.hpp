#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <memory>
#include <mutex>
#include <utility>

#include "adapters/delivery/frame.hpp"

namespace danwa::infra {

/// Frames on their way to one actor. Many threads put them in, the actor takes all that wait, and it is
/// woken once for all of them: after a group commit many come within microseconds, and a wake-up each
/// cost more than the routing. At most 65,536 wait; what comes then is forgotten, and the log's tail
/// repairs it. Thread safe.
class FrameInbox {
 public:
  /// True when the actor must be told.
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

/// To the actor of an inbox that was empty: take what waits. Stays inside the process.
struct FramesWait {
  std::shared_ptr<FrameInbox> inbox;
};

}  // namespace danwa::infra

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::FramesWait)
