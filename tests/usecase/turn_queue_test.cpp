#include "usecase/read_turns.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace danwa::usecase {
namespace {

using Entry = TurnQueue::Entry;

const Caller kAnn{"acme", "ann"};
const Caller kBob{"acme", "bob"};
const Caller kEve{"globex", "eve"};

TEST(TurnQueue, RunsWhatThereIsAPlaceForAndLetsTheRestWait) {
  TurnQueue queue{{.running = 3}};
  EXPECT_EQ(queue.enter(kAnn, 1), Entry::runs);
  EXPECT_EQ(queue.enter(kAnn, 2), Entry::runs);
  EXPECT_EQ(queue.enter(kAnn, 3), Entry::waits) << "the last place is for another company";
  EXPECT_EQ(queue.enter(kEve, 4), Entry::runs);
  EXPECT_EQ(queue.enter(kEve, 5), Entry::waits);
  EXPECT_EQ(queue.leave(kAnn), 3u);
  EXPECT_EQ(queue.leave(kEve), 5u);
}

TEST(TurnQueue, ANodeWithOnePlaceGivesItToAnybody) {
  TurnQueue queue{{.running = 1}};
  EXPECT_EQ(queue.enter(kAnn, 1), Entry::runs);
  EXPECT_EQ(queue.enter(kEve, 2), Entry::waits);
  EXPECT_EQ(queue.leave(kAnn), 2u);
  EXPECT_EQ(queue.leave(kEve), std::nullopt);
}

TEST(TurnQueue, CompaniesTakeTurnsHoweverMuchOneOfThemAsks) {
  TurnQueue queue{{.running = 1}};
  queue.enter(kAnn, 1);
  for (TurnQueue::Ticket n = 10; n < 20; ++n) queue.enter(kAnn, n);
  queue.enter(kEve, 100);
  queue.enter(kEve, 101);
  EXPECT_EQ(queue.leave(kAnn), 10u);
  EXPECT_EQ(queue.leave(kAnn), 100u);
  EXPECT_EQ(queue.leave(kEve), 11u);
  EXPECT_EQ(queue.leave(kAnn), 101u);
  EXPECT_EQ(queue.leave(kEve), 12u);
}

TEST(TurnQueue, CallersOfACompanyTakeTurns) {
  TurnQueue queue{{.running = 1}};
  queue.enter(kAnn, 1);
  for (TurnQueue::Ticket n = 10; n < 14; ++n) queue.enter(kAnn, n);
  queue.enter(kBob, 50);
  EXPECT_EQ(queue.leave(kAnn), 10u);
  EXPECT_EQ(queue.leave(kAnn), 50u);
  EXPECT_EQ(queue.leave(kBob), 11u);
}

TEST(TurnQueue, OneCallerRunsEightAndTheOthersOfItsCompanyGoOn) {
  TurnQueue queue{{.running = 20}};
  for (TurnQueue::Ticket n = 1; n <= 8; ++n) EXPECT_EQ(queue.enter(kAnn, n), Entry::runs);
  EXPECT_EQ(queue.enter(kAnn, 9), Entry::waits);
  EXPECT_EQ(queue.enter(kBob, 10), Entry::runs);
  EXPECT_EQ(queue.leave(kBob), std::nullopt) << "ann runs as many as she may";
  EXPECT_EQ(queue.leave(kAnn), 9u);
}

TEST(TurnQueue, RefusesTheOneTooManyUnlessItIsOwed) {
  TurnQueue queue{{.running = 1, .running_of_caller = 8, .waiting_of_caller = 2}};
  queue.enter(kAnn, 1);
  EXPECT_EQ(queue.enter(kAnn, 2), Entry::waits);
  EXPECT_EQ(queue.enter(kAnn, 3), Entry::waits);
  EXPECT_EQ(queue.enter(kAnn, 4), Entry::refused);
  EXPECT_EQ(queue.enter(kAnn, 5, true), Entry::waits);
  EXPECT_EQ(queue.enter(kBob, 6), Entry::waits) << "what ann asks for is not held against bob";
}

TEST(TurnQueue, WhatIsWithdrawnTakesNoTurn) {
  TurnQueue queue{{.running = 1}};
  queue.enter(kAnn, 1);
  queue.enter(kAnn, 2);
  queue.enter(kEve, 3);
  EXPECT_TRUE(queue.withdraw(kAnn, 2));
  EXPECT_FALSE(queue.withdraw(kAnn, 2));
  EXPECT_FALSE(queue.withdraw(kAnn, 1)) << "it runs";
  EXPECT_EQ(queue.leave(kAnn), 3u);
  EXPECT_EQ(queue.leave(kEve), std::nullopt);
  EXPECT_EQ(queue.companies(), 0u);
}

// Whatever comes in whatever order: the bounds hold, every read that waits gets its turn or is withdrawn, no company
// waits while another one is served twice, and nothing is remembered of who is gone.
TEST(TurnQueue, KeepsItsBoundsAndForgetsNobody) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    const TurnQueue::Limits limits{
        .running = 1 + random() % 6, .running_of_caller = 1 + random() % 3, .waiting_of_caller = 1 + random() % 5};
    TurnQueue queue{limits};
    std::map<TurnQueue::Ticket, Caller> running;
    std::map<TurnQueue::Ticket, Caller> waiting;
    TurnQueue::Ticket last = 0;
    const auto count = [](const auto& tickets, auto same) {
      std::size_t found = 0;
      for (const auto& [ticket, who] : tickets) found += same(who) ? 1 : 0;
      return found;
    };
    const auto run_next = [&](const std::optional<TurnQueue::Ticket>& next) {
      if (!next) return;
      ASSERT_TRUE(waiting.contains(*next)) << seed;
      running.insert(waiting.extract(*next));
    };
    for (int step = 0; step < 300 || !running.empty(); ++step) {
      const auto choice = step < 300 ? random() % 4 : 3;
      if (choice < 2) {
        const Caller who{"c" + std::to_string(random() % 3), "u" + std::to_string(random() % 3)};
        const auto entry = queue.enter(who, ++last);
        if (entry == Entry::runs) running.emplace(last, who);
        if (entry == Entry::waits) waiting.emplace(last, who);
      } else if (choice == 2 && !waiting.empty()) {
        const auto chosen = std::next(waiting.begin(), static_cast<long>(random() % waiting.size()));
        EXPECT_TRUE(queue.withdraw(chosen->second, chosen->first)) << seed;
        waiting.erase(chosen);
      } else if (choice == 3 && !running.empty()) {
        const auto chosen = std::next(running.begin(), static_cast<long>(random() % running.size()));
        const Caller who = chosen->second;
        running.erase(chosen);
        run_next(queue.leave(who));
      }
      ASSERT_LE(running.size(), limits.running) << seed;
      ASSERT_EQ(running.size(), queue.running()) << seed;
      for (const auto& [ticket, who] : running) {
        ASSERT_LE(count(running, [&](const Caller& c) { return c == who; }), limits.running_of_caller) << seed;
      }
      const bool free = running.size() < limits.running;
      for (const auto& [ticket, who] : waiting) {
        const auto mine = count(running, [&](const Caller& c) { return c == who; });
        const auto ours = count(running, [&](const Caller& c) { return c.company == who.company; });
        const auto most = std::max<std::size_t>(limits.running - 1, 1);
        ASSERT_FALSE(free && mine < limits.running_of_caller && ours < most) << "an idle place, seed " << seed;
      }
    }
    EXPECT_TRUE(waiting.empty()) << seed;
    EXPECT_EQ(queue.companies(), 0u) << seed;
  }
}

}  // namespace
}  // namespace danwa::usecase
