#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "presence_world.hpp"

namespace danwa::tests {
namespace {

/// One thing that happens, at a node, with a number that says how.
struct Event {
  enum What { enter, enter_anywhere, leave, wait, look, look_away, read, kill, start, close, pause } what;
  std::size_t node;
  std::size_t number;
};

void showValue(const Event& event, std::ostream& out) {
  out << int(event.what) << '@' << event.node << '/' << event.number;
}

rc::Gen<Event> any_event() {
  // the first four come more often
  const auto what =
      rc::gen::map(rc::gen::inRange(0, 31), [](int n) { return static_cast<Event::What>(n < 24 ? n % 4 : n - 20); });
  return rc::gen::build<Event>(rc::gen::set(&Event::what, what),
                               rc::gen::set(&Event::node, rc::gen::inRange<std::size_t>(0, PresenceWorld::kNodes)),
                               rc::gen::set(&Event::number, rc::gen::inRange<std::size_t>(0, 30)));
}

std::string room_of(std::size_t number) { return {static_cast<char>('x' + number % 3)}; }

presence::PresenceEntry entry_of(const std::string& who, std::size_t number) {
  return in(room_of(number), who + "-" + std::to_string(number / 3));
}

void happen(PresenceWorld& world, const Event& event) {
  switch (event.what) {
    case Event::enter:
      return world.enter(event.node, entry_of("n" + std::to_string(event.node), event.number));
    case Event::enter_anywhere:
      return world.enter(event.node, entry_of("any", event.number));
    case Event::leave:
      return world.leave(event.node, event.number);
    case Event::wait:
      return world.run(milliseconds{event.number * event.number * 5});
    case Event::look:
      return world.look(event.node, room(room_of(event.number)));
    case Event::look_away:
      return world.look_away(event.node, room(room_of(event.number)));
    case Event::read:
      return world.read(event.node, room(room_of(event.number)));
    case Event::kill:
      return world.kill(event.node);
    case Event::start:
      return world.start(event.node);
    case Event::close:
      return world.close(event.node);
    case Event::pause:
      return world.pause(event.node, milliseconds{event.number * 70});
  }
}

TEST(PresenceHubs, AgreeWithTheTruthAndNobodyFlickers) {
  const bool holds = rc::check([] {
    const auto seed = *rc::gen::arbitrary<unsigned>();
    const auto loss = *rc::gen::element(0U, 10U, 30U, 60U);
    const auto events = *rc::gen::container<std::vector<Event>>(any_event());
    PresenceWorld world{seed};
    try {
      world.set_loss(loss);
      for (const auto& event : events) happen(world, event);
      world.run(PresenceWorld::kMaxPause);
      world.set_loss(0);
      world.run(PresenceWorld::kGone + PresenceWorld::kMaxPause);
      world.run(PresenceWorld::kForgotten, milliseconds{500});  // what is not watched any more is forgotten
      world.check_agreement();
    } catch (const std::logic_error& broken) {
      RC_FAIL(broken.what());
    }
  });
  EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace danwa::tests
