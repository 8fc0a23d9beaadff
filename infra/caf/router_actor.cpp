#include "infra/caf/router_shards.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/make_message.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "domain/core/result.hpp"
#include "infra/caf/messages.hpp"

namespace danwa::caf {

// The actor around delivery::RouterTable. The table holds every rule and is tested without actors; this file only turns
// messages into calls and effects into messages. Each handler calls one method of the table, then `settle`, which
// carries out the effects and plans the next wake-up.
//
// Two details keep a busy router cheap. A `Flush` message that the actor sends to itself is handled after the messages
// that already wait, so updates that arrive together are announced together. And a fan-out builds one message object
// for each lane, and enqueues it to every subscriber there. In a crowd each of them runs as one of very many; a mark
// behind them tells the router when all of them have run.

namespace {

using delivery::Time;

struct RouterState {
  RouterState() {}  // user-provided: CAF 0.17 under C++20 initialises an aggregate's first member from the actor

  std::optional<delivery::RouterTable> table;
  LogReader* reader = nullptr;
  usecase::ConversationFacts* facts = nullptr;
  delivery::PeerBus* bus = nullptr;  // gets the channels that are watched on this node
  bool flush_planned = false;
  bool ending = false;
  std::optional<Time> tick_planned;
};
static_assert(!std::is_aggregate_v<RouterState>);

using RouterSelf = ::caf::stateful_actor<RouterState, PinnedActor>;

Time now() { return std::chrono::steady_clock::now(); }

const ActorRegistration& receiver(const delivery::RegistrationPtr& who) {
  return static_cast<const ActorRegistration&>(*who);
}

void enqueue(const ActorRegistration& who, const ::caf::message& message) {
  ::caf::actor_cast<::caf::abstract_actor*>(who.address)->enqueue(nullptr, ::caf::make_message_id(), message, nullptr);
}

/// To a subscriber of another lane a message goes as a job of that lane, and so does a fan-out, so they keep their
/// order.
template <class Message>
void send_to(RouterSelf* self, const delivery::RegistrationPtr& who, Message content) {
  Lane& lane = *receiver(who).lane;
  auto message = ::caf::make_message(std::move(content));
  if (&lane == &self->lane()) return enqueue(receiver(who), message);
  lane.thread().post_first([who, message = std::move(message)] { enqueue(receiver(who), message); });
}

/// The content for the receivers of another lane. Frames get a reference count of their own there: one that two threads
/// change costs a delivery more than its mailbox entry.
template <class Message>
Message for_lane(const Message& content) {
  return content;
}
Announced for_lane(const Announced& content) {
  Announced own;
  own.frames.reserve(content.frames.size());
  for (const auto& frame : content.frames) own.frames.emplace_back(frame.get(), [frame](const delivery::Frame*) {});
  return own;
}

/// Tells the router, once nobody holds it any more, that a crowd has had its turn.
class CrowdMark {
 public:
  CrowdMark(::caf::actor router, domain::ChannelKey channel)
      : router_{std::move(router)}, channel_{std::move(channel)} {}
  ~CrowdMark() { ::caf::anon_send(router_, CrowdAnnounced{std::move(channel_)}); }
  CrowdMark(const CrowdMark&) = delete;
  CrowdMark& operator=(const CrowdMark&) = delete;

  /// Is held until the actors that were woken as some of very many have run. On the lane's thread.
  static void hold(std::shared_ptr<CrowdMark> mark, Lane& lane) {
    const bool has_turns = lane.thread().is_current();  // else the io threads have ended
    if (mark && has_turns) lane.thread().post_as_one_of_many([mark = std::move(mark)] {});
  }

 private:
  ::caf::actor router_;
  domain::ChannelKey channel_;
};

/// All receivers of a lane share one message object: a delivery costs a mailbox entry and no copy. A lane gets all of
/// its receivers in one job, and finds them itself. `crowd`: they become some of very many; null: like any others.
template <class Message>
void send_to_all(RouterSelf* self, const std::vector<delivery::RegistrationPtr>& all, Message content,
                 const std::shared_ptr<CrowdMark>& crowd = nullptr) {
  std::vector<std::pair<Lane*, std::vector<delivery::RegistrationPtr>>> others;
  const auto on_lane = [&others](Lane* lane) -> std::vector<delivery::RegistrationPtr>& {
    for (auto& [other, receivers] : others) {
      if (other == lane) return receivers;
    }
    return others.emplace_back(lane, std::vector<delivery::RegistrationPtr>{}).second;
  };
  for (const auto& who : all) {
    if (receiver(who).lane != &self->lane()) on_lane(receiver(who).lane).push_back(who);
  }
  for (auto& [lane, receivers] : others) {
    lane->thread().post_first(
        [crowd, lane = lane, receivers = std::move(receivers), message = ::caf::make_message(for_lane(content))] {
          const Lane::Many mark{*lane, crowd != nullptr};
          for (const auto& who : receivers) enqueue(receiver(who), message);
          CrowdMark::hold(crowd, *lane);
        });
  }
  const auto message = ::caf::make_message(std::move(content));
  const Lane::Many mark{self->lane(), crowd != nullptr};
  for (const auto& who : all) {
    if (receiver(who).lane == &self->lane()) enqueue(receiver(who), message);
  }
  CrowdMark::hold(crowd, self->lane());
}

void announce(RouterSelf* self, delivery::Announce& announce) {
  std::shared_ptr<CrowdMark> crowd;
  if (announce.crowd) crowd = std::make_shared<CrowdMark>(::caf::actor{self}, *std::move(announce.crowd));
  send_to_all(self, *announce.to, Announced{std::move(announce.frames)}, crowd);
}

void carry_out(RouterSelf* self, delivery::RouterEffect& effect) {
  LogReader& reader = *self->state.reader;
  delivery::PeerBus* const bus = self->state.bus;
  std::visit(domain::Overloaded{
                 [&](delivery::Announce& e) { announce(self, e); },
                 [&](delivery::StartWatch& e) {
                   send_to(self, e.to, Started{e.to->slot(), std::move(e.epoch), e.head, e.reset});
                 },
                 [&](delivery::RestartWatches& e) {
                   for (const auto& who : *e.to) send_to(self, who, Restarted{who->slot()});
                 },
                 [&](delivery::GivePage& e) {
                   send_to(self, e.to, PageGiven{e.to->slot(), std::move(e.page)});
                 },
                 [&](delivery::CloseWatch& e) { send_to(self, e.to, LogUnavailable{}); },
                 [&](delivery::ChannelWatched& e) {
                   if (bus != nullptr) bus->watched(e.channel);
                 },
                 [&](delivery::ChannelUnwatched& e) {
                   if (bus != nullptr) bus->unwatched(e.channel);
                 },
                 [&](delivery::ReadHead& e) {
                   reader.head(e, [router = ::caf::actor{self}, token = e.token](auto head) {
                     ::caf::anon_send(router, HeadRead{token, std::move(head)});
                   });
                 },
                 [&](delivery::ReadUpdateRange& e) {
                   reader.updates(e, [router = ::caf::actor{self}, token = e.token](auto page) {
                     ::caf::anon_send(router, RangeRead{token, std::move(page)});
                   });
                 },
             },
             effect);
}

/// Runs after every event: carries out its effects, plans a flush behind the messages that wait, then the next tick,
/// unless a planned one comes early enough.
void settle(RouterSelf* self) {
  auto& state = self->state;
  auto& table = *state.table;
  for (auto& effect : table.effects()) carry_out(self, effect);
  table.clear_effects();
  if (table.gathered() && !std::exchange(state.flush_planned, true)) self->send(self, Flush{});
  const auto due = table.next_due();
  if (!due || (state.tick_planned && *state.tick_planned <= *due)) return;
  state.tick_planned = due;
  self->delayed_send(self, std::max(*due - now(), Time::duration::zero()), Tick{});
}

void take_watch(RouterSelf* self, const ActorRegistrationPtr& who) {
  if (self->state.ending) return send_to(self, who, GoingAway{});
  auto* const facts = self->state.facts;
  const bool is_checked = facts != nullptr && who->watch().head.has_value();
  self->state.table->watch(who, now(), is_checked ? facts->head(who->watch().channel) : std::nullopt);
  settle(self);
}

void look(RouterSelf* self, const CheckLog& m) {
  if (m.channel) {
    self->state.table->check_log(*m.channel);
  } else {
    self->state.table->look_at_log_everywhere();
  }
  settle(self);
}

void take_updates(RouterSelf* self, const FramesWait& m) {
  const Time time = now();
  for (const auto& frame : m.inbox->take()) self->state.table->announce(frame, time);
  settle(self);
}

void take_growth(RouterSelf* self, const LogGrew& m) {
  const Time time = now();
  for (const auto& growth : m.channels) self->state.table->on_growth(growth, time);
  settle(self);
}

void flush(RouterSelf* self) {
  self->state.flush_planned = false;
  self->state.table->flush();
  settle(self);
}

void tick(RouterSelf* self) {
  self->state.tick_planned.reset();
  self->state.table->tick(now());
  settle(self);
}

bool join(RouterSelf* self, delivery::PeerBus* bus) {
  self->state.bus = bus;
  if (bus == nullptr) return true;
  for (const auto& channel : self->state.table->watched()) bus->watched(channel);
  return true;
}

void end_all(RouterSelf* self) {
  self->state.ending = true;
  send_to_all(self, self->state.table->registrations(), GoingAway{});
}

::caf::behavior router(RouterSelf* self, delivery::RouterTable::Options options, LogReader* reader,
                       usecase::ConversationFacts* facts, adapters::Metrics* metrics) {
  self->state.table.emplace(options, *metrics);
  self->state.reader = reader;
  self->state.facts = facts;
  count_unexpected(self, *metrics);
  return {
      [self](const FramesWait& m) { take_updates(self, m); },
      [self](const Flush&) { flush(self); },
      [self](const CrowdAnnounced& m) { self->state.table->on_announced(m.channel), settle(self); },
      [self](const ReadPage& m) { self->state.table->read_page(m.who, m.request), settle(self); },
      [self](const WatchChannel& m) { take_watch(self, m.who); },
      [self](const UnwatchChannel& m) { self->state.table->unwatch(m.who), settle(self); },
      [self](const RangeRead& m) { self->state.table->on_updates(m.token, m.page, now()), settle(self); },
      [self](const HeadRead& m) { self->state.table->on_head(m.token, m.head, now()), settle(self); },
      [self](const LogGrew& m) { take_growth(self, m); },
      [self](const Tick&) { tick(self); },
      [self](const CheckLog& m) { look(self, m); },
      [self](const LogReplaced& m) { self->state.table->on_epoch(m.epoch), settle(self); },
      [self](const EndAllWatches&) { end_all(self); },
      [self](const JoinBus& m) { return join(self, m.bus); },
  };
}

}  // namespace

::caf::actor spawn_router(Lane& lane, delivery::RouterTable::Options options, LogReader& reader,
                          usecase::ConversationFacts* facts, adapters::Metrics& metrics) {
  return lane.spawn_first(router, options, &reader, facts, &metrics);
}

}  // namespace danwa::caf
