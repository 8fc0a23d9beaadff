#pragma once

#include <atomic>

#include "adapters/delivery/subscriber.hpp"

namespace danwa::adapters {

/// How a door tells its subscriber that it can take a batch. Mostly the subscriber has nothing for it then, and
/// a message would wake an actor for nothing: the door leaves a mark, which the actor finds with its next event.
/// A message is sent only when the actor has said that it waits. Each side writes its own mark, then looks at
/// the other's (as in Dekker's algorithm, sequentially consistent), so at least one of them sees both.
/// `raise` comes from any thread, once per batch; `take` and `wait` are the actor's.
class DoorSignal {
 public:
  /// The door is ready. True: send the actor a message.
  bool raise() {
    ready_.store(true);
    return waits_.exchange(false);
  }

  /// Whether the door has become ready since the last time that this was true.
  bool take() { return ready_.load(std::memory_order_relaxed) && ready_.exchange(false); }

  /// The actor has something for the door. False: a message comes once it is ready; true: it is, as with `take`.
  bool wait() {
    waits_.store(true);
    if (!ready_.exchange(false)) return false;
    waits_.store(false);
    return true;
  }

 private:
  std::atomic<bool> ready_{false};
  std::atomic<bool> waits_{false};
};

/// An event of the subscriber's, `event(subscriber)`, and what its door has said before it and until its end;
/// `act(outcome)` does what they lead to. For the message of a door that was waited for the event is nothing.
template <class Event, class Act>
void take_event(Subscriber& subscriber, DoorSignal& door, Event event, Act act) {
  if (door.take()) act(subscriber.ready());
  act(event(subscriber));
  while (subscriber.waits_for_door() && door.wait()) act(subscriber.ready());
}

inline Subscriber::Outcome no_event(Subscriber& /*subscriber*/) { return {}; }

}  // namespace danwa::adapters
