#include "infra/caf/router_shards.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "infra/caf/messages.hpp"
#include "usecase/delivery/subscriber.hpp"

namespace danwa::caf {

// The actor around delivery::Subscriber, one per watch. The subscriber holds the cursor, the sliding buffer and all
// rules; this file turns messages into calls and outcomes into actions: read a page, check access, deliver, end.
//
// The transport is held by a weak pointer and the actor by a strong handle in the transport, so there is no cycle. The
// actor ends on `Closed` (the subscription was destroyed), on `GoingAway` (the node stops), or when a delivery finds
// the transport gone. The destructor of its state unregisters it in every case.

namespace {

using delivery::Subscriber;

/// A watched channel and its router.
struct Place {
  ActorRegistrationPtr registration;
  ::caf::actor router;
};

struct SubscriberState {
  SubscriberState() {}  // user-provided: CAF 0.17 under C++20 initialises an aggregate's first member from the actor

  /// Unregisters from the routers, however the actor ends.
  ~SubscriberState() {
    if (!metrics) return;
    for (auto& place : places) ::caf::anon_send(place.router, UnwatchChannel{std::move(place.registration)});
    metrics->subscriber_actors.sub();
  }

  std::optional<Subscriber> subscriber;
  std::weak_ptr<delivery::Watcher> transport;
  std::shared_ptr<delivery::ReadySignal> signal;
  std::vector<Place> places;  // by slot
  LogReader* reader = nullptr;
  adapters::Metrics* metrics = nullptr;
};
static_assert(!std::is_aggregate_v<SubscriberState>);

using SubscriberSelf = ::caf::stateful_actor<SubscriberState, PinnedActor>;

void end(SubscriberSelf* self, delivery::WatchCloseReason reason) {
  if (const auto transport = self->state.transport.lock()) transport->end(reason);
  self->quit();
}

void look_up(SubscriberSelf* self, std::uint32_t check) {
  self->state.reader->check(self->state.subscriber->guard(), [who = ::caf::actor{self}, check](auto answer) {
    ::caf::anon_send(who, AccessLookedUp{check, std::move(answer)});
  });
}

void act(SubscriberSelf* self, Subscriber::Outcome outcome) {
  auto& state = self->state;
  if (outcome.read) {
    const Place& place = state.places[outcome.read->slot];
    self->send(place.router, ReadPage{place.registration, *outcome.read});
  }
  if (outcome.check) look_up(self, *outcome.check);
  if (!outcome.deliver.empty()) {
    const auto transport = state.transport.lock();
    if (!transport) return self->quit();
    transport->deliver(std::move(outcome.deliver));
  }
  if (outcome.end) end(self, *outcome.end);
}

template <class Event>
void take(SubscriberSelf* self, Event event) {
  auto& state = self->state;
  delivery::take_event(*state.subscriber, *state.signal, std::move(event),
                       [self](Subscriber::Outcome outcome) { act(self, std::move(outcome)); });
}

struct Setup {
  usecase::Watch watch;
  std::weak_ptr<delivery::Watcher> transport;
  std::shared_ptr<delivery::ReadySignal> signal;
  std::vector<Place> places;
  LogReader* reader;
  const std::string* node;
  const delivery::FrameEncoder* frames;
  adapters::Metrics* metrics;
};

std::vector<Place> to_places(const usecase::Watch& watch, const RouterShards& routers) {
  std::vector<Place> places;
  places.reserve(watch.channels.size());
  for (const auto& watched : watch.channels) {
    const auto slot = static_cast<delivery::Slot>(places.size());
    places.push_back({std::make_shared<ActorRegistration>(watched, slot), routers.of(watched.channel)});
  }
  return places;
}

void enter(SubscriberSelf* self, Setup setup) {
  auto& state = self->state;
  setup.metrics->subscriber_actors.add();
  state.metrics = setup.metrics;
  state.transport = std::move(setup.transport);
  state.signal = std::move(setup.signal);
  state.places = std::move(setup.places);
  state.reader = setup.reader;
  state.subscriber.emplace(std::move(setup.watch), *setup.node, *setup.frames, *setup.metrics);
  count_unexpected(self, *setup.metrics);
  for (const auto& place : state.places) {
    place.registration->address = ::caf::actor{self};
    place.registration->lane = &self->lane();
    self->send(place.router, WatchChannel{place.registration});
  }
}

::caf::behavior subscriber(SubscriberSelf* self, Setup setup) {
  enter(self, std::move(setup));
  return {
      [self](const Announced& m) { take(self, [&m](Subscriber& s) { return s.announced(m.frames); }); },
      [self](const Ready&) { take(self, delivery::no_event); },
      [self](const PageGiven& m) { take(self, [&m](Subscriber& s) { return s.page(m.page, m.slot); }); },
      [self](const Started& m) {
        take(self, [&m](Subscriber& s) { return s.started(m.epoch, m.head, m.reset, m.slot); });
      },
      [self](const Restarted& m) { take(self, [&m](Subscriber& s) { return s.restarted(m.slot); }); },
      [self](const LogUnavailable&) { take(self, [](Subscriber& s) { return s.log_unavailable(); }); },
      [self](const AccessLookedUp& m) { take(self, [&m](Subscriber& s) { return s.access(m.check, m.answer); }); },
      [self](const GoingAway&) { end(self, delivery::WatchCloseReason::going_away); },
      [self](const Closed&) { self->quit(); },
  };
}

}  // namespace

::caf::actor spawn_subscriber(Lane& lane, usecase::Watch watch, std::weak_ptr<delivery::Watcher> transport,
                              std::shared_ptr<delivery::ReadySignal> signal, const RouterShards& routers,
                              LogReader& reader, const std::string& node, const delivery::FrameEncoder& frames,
                              adapters::Metrics& metrics) {
  auto places = to_places(watch, routers);
  return lane.spawn(subscriber, Setup{std::move(watch), std::move(transport), std::move(signal), std::move(places),
                                      &reader, &node, &frames, &metrics});
}

}  // namespace danwa::caf
