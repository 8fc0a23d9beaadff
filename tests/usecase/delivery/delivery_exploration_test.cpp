#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "explore_search.hpp"

// Every schedule of the shipped Subscriber, RouterTable, Sequencer, TailCache and AccessGate up to a bound, where the
// simulation takes some. Two nodes, two watchers, a sliding buffer, a page and a tail cache of 2 instead of 16 updates.
//
// **Without faults** everything inside the node follows at once. Posts, the bus, the tail of the log, timers and
// clients that come again interleave in every order. The bus brings one update or several together.
//
// **A fault** is one of: the bus holds up an update for as long as one likes, or for ever (reorder, drop), or brings it
// once more at any time (duplicate); a request, a read of the log or a check of access takes long and shows any moment
// of its duration (late page); a page is cut, or the replica of a page or a head is behind by any number of changes
// (short page); a transport does not get rid of a batch while further updates come (ring overflow); a subscriber does
// not run, at any of its messages (stall); a client goes to the other node or comes from there with its cursor
// (reconnect elsewhere); an update ends the right of the guarded watcher, or gives it back (revocation); the log goes
// back by an update under a new epoch (reset); the node ends and starts again (node death).
//
// **Two nodes.** They share nothing but the log, which both only read, and a client takes nothing but its cursor along.
// So two runs of one node each, with the same log, are one run of two nodes, and the other way round. The exploration
// walks through the runs of one node with every client that may come from the other: its cursor is any that the checker
// would let it hold there. That the other node brings it nowhere else is what the same exploration shows. So the orders
// of steps on two nodes, which no promise can tell apart, are not counted.
//
// **At every step** no gap, no repeat, in order, the log's own update, no reset without a newer log, nothing for a
// watcher who was shut out. **At every rest**, when nothing more follows, each watcher has everything up to the log's
// head, and a watcher who was shut out is gone. From every state the world reaches such a rest.
//
// The search keeps a digest of 64 bits for each state. With 14 million states, the chance that two of them have the
// same digest is 1 in 200,000. States that differ only in what nothing reads any more count as one; explore_state.hpp
// names all of that.
//
// A program with explore_memory.cpp goes back to an earlier state by an image of it (explore_memory.hpp), the unit
// tests by all the steps that led there, with AddressSanitizer.
//
// Not explored: failing reads, merged watches, presence, removed text. The simulation has all of them.

namespace danwa::exploration {
namespace {

std::size_t number_from(const char* name, std::size_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoul(text, nullptr, 10);
}

/// A guarded watcher, who comes with a cursor, and one for whom the other has no secrets.
void explore(usecase::Delivery delivery) {
  const Scenario scenario{.roles = {Role{true, delivery, 0}, Role{false, delivery, std::nullopt}},
                          .updates = number_from("DANWA_TEST_EXPLORATION_UPDATES", 2)};
  const auto faults = number_from("DANWA_TEST_EXPLORATION_FAULTS", 1);
  try {
    Search search{scenario, static_cast<unsigned>(faults)};
    search.run();
    EXPECT_GT(search.rests(), 0U);
    std::cout << scenario.updates << " updates, at most " << faults << " faults: " << search.states() << " states, "
              << search.steps() << " steps, " << search.rests() << " states at rest" << std::endl;
  } catch (const Broken& broken) {
    FAIL() << broken.what();
  }
}

TEST(DeliveryExploration, KeepsEveryPromiseInEverySchedule) { explore(usecase::Delivery::complete); }

TEST(DeliveryExploration, TellsLatestWatchersWhatTheyMissInEverySchedule) { explore(usecase::Delivery::latest); }

}  // namespace
}  // namespace danwa::exploration
