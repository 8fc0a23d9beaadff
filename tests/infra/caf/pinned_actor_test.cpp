#include "infra/caf/pinned_actor.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "support/io_thread_count.hpp"
#include "support/wait_for.hpp"

namespace danwa::caf {
namespace {

using namespace std::chrono_literals;
using tests::wait_for;

struct Seen {
  std::atomic<int> here{0};       // messages handled on the actor's own thread
  std::atomic<int> elsewhere{0};  // on another one
  std::atomic<int> ended{0};
};

struct CounterState {
  CounterState() {}  // see SubscriberState
  ~CounterState() {
    if (seen != nullptr) ++seen->ended;
  }
  Seen* seen = nullptr;
};
using CounterSelf = ::caf::stateful_actor<CounterState, PinnedActor>;

/// Counts numbers by the thread that it runs on, and passes a positive one on to itself, less one.
::caf::behavior counter(CounterSelf* self, Seen* seen) {
  self->state.seen = seen;
  return {
      [self, seen](int again) {
        ++(self->lane().thread().is_current() ? seen->here : seen->elsewhere);
        if (again > 0) self->send(self, again - 1);
        if (again < 0) self->delayed_send(self, 1ms, 0);
      },
  };
}

struct PinnedActorTest : testing::Test {
  struct Config : ::caf::actor_system_config {
    Config() {
      set("scheduler.policy", ::caf::atom("sharing"));
      set("scheduler.max-threads", 1);
    }
  } config;
  net::IoThreads threads{tests::io_thread_count()};
  std::optional<Lanes> lanes;
  ::caf::actor_system system{config};
  Seen seen;

  void SetUp() override { lanes.emplace(system, threads); }
};

TEST_F(PinnedActorTest, RunsOnItsThreadWhoeverSends) {
  const auto mine = lanes->at(0).spawn(counter, &seen);
  ::caf::anon_send(mine, 3);   // four: from a thread of no lane, then from itself
  ::caf::anon_send(mine, -1);  // two: the second comes from CAF's clock
  threads.at(0).post([&] { ::caf::anon_send(mine, 0); });
  threads.at(threads.size() - 1).post([&] { ::caf::anon_send(mine, 0); });
  const auto asks = system.spawn([mine](::caf::event_based_actor* self) {
    self->send(mine, 0);  // from a worker of CAF
  });
  EXPECT_TRUE(wait_for([&] { return seen.here == 9; }));
  EXPECT_EQ(seen.elsewhere, 0);
  ::caf::anon_send_exit(mine, ::caf::exit_reason::user_shutdown);
  EXPECT_TRUE(wait_for([&] { return seen.ended == 1; }));
}

TEST_F(PinnedActorTest, ActorsOfNoLaneStayWithCafsWorkers) {
  std::atomic<const net::IoThread*> ran_on{&threads.at(0)};
  const auto free = system.spawn(
      [&](::caf::event_based_actor*) -> ::caf::behavior { return {[&](int) { ran_on = net::IoThread::current(); }}; });
  const auto asks = [free](CounterSelf* self) -> ::caf::behavior {
    self->send(free, 1);
    return {};
  };
  lanes->at(0).spawn(asks);
  EXPECT_TRUE(wait_for([&] { return ran_on == nullptr; }));
  ::caf::anon_send_exit(free, ::caf::exit_reason::user_shutdown);
}

TEST_F(PinnedActorTest, ManyOnAllLanesHandleEveryMessage) {
  std::vector<::caf::actor> all;
  for (std::size_t i = 0; i < 200; ++i) all.push_back(lanes->at(i % lanes->size()).spawn(counter, &seen));
  std::vector<std::thread> senders;
  for (int sender = 0; sender < 4; ++sender) {
    senders.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        for (const auto& one : all) ::caf::anon_send(one, 1);
      }
    });
  }
  for (auto& sender : senders) sender.join();
  EXPECT_TRUE(wait_for([&] { return seen.here == 4 * 50 * 200 * 2; }));
  EXPECT_EQ(seen.elsewhere, 0);
  for (const auto& one : all) ::caf::anon_send_exit(one, ::caf::exit_reason::user_shutdown);
  EXPECT_TRUE(wait_for([&] { return seen.ended == 200; }));
}

TEST_F(PinnedActorTest, OutlivesItsThreadAndStillEnds) {
  std::vector<::caf::actor> all;
  for (std::size_t i = 0; i < 20; ++i) all.push_back(lanes->at(i % lanes->size()).spawn(counter, &seen));
  for (const auto& one : all) ::caf::anon_send(one, 0);
  threads.end();
  EXPECT_EQ(seen.here + seen.elsewhere, 20) << "what waits runs before the threads are gone";
  for (const auto& one : all) ::caf::anon_send_exit(one, ::caf::exit_reason::user_shutdown);
  EXPECT_TRUE(wait_for([&] { return seen.ended == 20; }));
}

}  // namespace
}  // namespace danwa::caf
