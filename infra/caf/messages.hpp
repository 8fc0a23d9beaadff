#pragma once

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "adapters/delivery/peer_bus.hpp"
#include "adapters/delivery/router_effects.hpp"
#include "usecase/ports/access_check.hpp"
#include "usecase/ports/tail_listener.hpp"

namespace danwa::infra {

/// A registration with the address of its subscriber actor.
struct ActorRegistration final : adapters::Registration {
  using Registration::Registration;
  caf::actor address;
};
using ActorRegistrationPtr = std::shared_ptr<ActorRegistration>;

// All of these messages stay inside the process; most carry pointers.

// From a router to a subscriber.
struct Announced {
  adapters::FrameBatch frames;  ///< one message for all subscribers of the channel
};
struct Started {
  adapters::Slot slot;
  domain::Epoch epoch;
  domain::Seq head;
  bool reset;
};
struct Restarted {
  adapters::Slot slot;
};
struct PageGiven {
  adapters::Slot slot;
  adapters::Page page;
};
struct LogUnavailable {};

/// From the log reader to a subscriber.
struct AccessLookedUp {
  std::uint32_t check;
  std::optional<usecase::AccessCheck::Answer> answer;  ///< absent: the check failed
};
struct GoingAway {};

// From a transport to its subscriber.
struct Ready {};  ///< sent only if the subscriber waits for it, see adapters::DoorSignal
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
  adapters::PageRequest request;
};

// From the log tail and the log reader to a router; frames come with FramesWait.
struct LogGrew {
  std::vector<usecase::TailListener::Growth> channels;
};
struct LogReplaced {
  domain::Epoch epoch;
};
struct LookAtLog {
  std::optional<domain::ChannelKey> channel;  ///< absent: all
};
struct HeadRead {
  adapters::ReadToken token;
  std::optional<usecase::UpdateLog::Head> head;
};
struct RangeRead {
  adapters::ReadToken token;
  std::optional<adapters::LogPage> page;
};

// From a router to itself.
struct Flush {};
struct Tick {};

/// From the node to a router: every watch ends.
struct EndAllWatches {};

/// From the node to a router: the bus that gets the watched channels of this node; null: none. The answer is `true`.
struct JoinBus {
  adapters::PeerBus* bus;
};

}  // namespace danwa::infra

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::Announced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::Started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::Restarted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::PageGiven)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::LogUnavailable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::AccessLookedUp)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::GoingAway)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::Ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::Closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::WatchChannel)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::UnwatchChannel)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::ReadPage)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::LogGrew)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::LogReplaced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::LookAtLog)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::HeadRead)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::RangeRead)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::Flush)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::Tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::EndAllWatches)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(danwa::infra::JoinBus)
