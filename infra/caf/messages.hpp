#pragma once

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/message_view.hpp>
#include <caf/result.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/metrics/metrics.hpp"
#include "usecase/delivery/frame.hpp"
#include "usecase/delivery/peer_bus.hpp"
#include "usecase/delivery/router_table.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::caf {

/// A queue of frames for one actor. Many threads put frames in; the actor takes all of them at once. One wake-up serves
/// the whole batch: a group commit produces many frames within microseconds, and one actor message per frame cost more
/// than the routing itself. At most `most` frames wait. Further ones are dropped and counted, and the log tail repairs
/// the loss. Thread safe.
class FrameInbox {
 public:
  static constexpr std::size_t kMost = 65'536;

  /// `drops` counts dropped frames and outlives the inbox.
  explicit FrameInbox(delivery::Counter& drops, std::size_t most = kMost) : drops_{drops}, most_{most} {}

  /// True: the inbox was empty, so the caller sends FramesWait to the actor.
  bool put(delivery::FramePtr frame) {
    const std::lock_guard lock{mutex_};
    if (waiting_.size() >= most_) {
      drops_.add();
      return false;
    }
    waiting_.push_back(std::move(frame));
    return waiting_.size() == 1;
  }

  delivery::FrameBatch take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(waiting_, {});
  }

 private:
  delivery::Counter& drops_;
  const std::size_t most_;
  std::mutex mutex_;  // held for a push or a swap
  delivery::FrameBatch waiting_;
};

/// Message to the actor: take all frames of the inbox. Stays inside the process.
struct FramesWait {
  std::shared_ptr<FrameInbox> inbox;
};

}  // namespace danwa::caf

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::FramesWait)

namespace danwa::caf {

class Lane;

/// A registration with the address of its subscriber actor, and the lane that it runs on.
struct ActorRegistration final : delivery::Registration {
  using Registration::Registration;
  ::caf::actor address;
  Lane* lane = nullptr;
};
using ActorRegistrationPtr = std::shared_ptr<ActorRegistration>;

// All of these messages stay inside the process; most carry pointers.

// From a router to a subscriber.
struct Announced {
  delivery::FrameBatch frames;  ///< one message for all subscribers of the channel
};
struct Started {
  delivery::Slot slot;
  domain::Epoch epoch;
  domain::Seq head;
  bool reset;
};
struct Restarted {
  delivery::Slot slot;
};
struct PageGiven {
  delivery::Slot slot;
  delivery::Page page;
};
struct LogUnavailable {};

/// From the log reader to a subscriber.
struct AccessLookedUp {
  std::uint32_t check;
  std::optional<usecase::AccessCheck::Answer> answer;  ///< absent: the check failed
};
struct GoingAway {};

// From a transport to its subscriber.
struct Ready {};  ///< sent only if the subscriber waits for it, see delivery::ReadySignal
struct Closed {};

// From a subscriber to its router.
struct WatchChannel {
  ActorRegistrationPtr who;
};
struct UnwatchChannel {
  ActorRegistrationPtr who;
};
struct ReadPage {
  ActorRegistrationPtr who;
  delivery::PageRequest request;
};

// From the log tail and the log reader to a router; frames come with FramesWait.
struct LogGrew {
  std::vector<usecase::TailListener::Growth> channels;
};
struct LogReplaced {
  domain::Epoch epoch;
};
struct CheckLog {
  std::optional<domain::ChannelKey> channel;  ///< absent: all
};
struct HeadRead {
  delivery::ReadToken token;
  std::optional<usecase::UpdateLog::Head> head;
};
struct RangeRead {
  delivery::ReadToken token;
  std::optional<delivery::LogPage> page;
};

// From a router to itself.
struct Flush {};
struct CrowdAnnounced {
  domain::ChannelKey channel;  ///< every watcher of it has had its turn
};
struct Tick {};

/// From the node to a router: every watch ends.
struct EndAllWatches {};

/// From the node to a router: the bus that gets the watched channels of this node; null: none. The answer is `true`.
struct JoinBus {
  delivery::PeerBus* bus;
};

}  // namespace danwa::caf

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::Announced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::Started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::Restarted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::PageGiven)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::LogUnavailable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::AccessLookedUp)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::GoingAway)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::Ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::Closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::WatchChannel)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::UnwatchChannel)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::ReadPage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::LogGrew)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::LogReplaced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::CheckLog)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::HeadRead)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::RangeRead)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::Flush)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::CrowdAnnounced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::Tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::EndAllWatches)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::caf::JoinBus)

namespace danwa::caf {

/// Counts and drops a message that the actor does not know; CAF's default prints it. `metrics` must outlive the actor.
template <class Actor>
void count_unexpected(Actor* self, adapters::Metrics& metrics) {
  self->set_default_handler([&metrics](::caf::scheduled_actor*, ::caf::message_view&) -> ::caf::result<::caf::message> {
    metrics.bus_unexpected.add();
    return ::caf::sec::unexpected_message;
  });
}

}  // namespace danwa::caf
