#include <gtest/gtest.h>

#include <vector>

#include "infra/beast/stream_socket.hpp"
#include "infra/beast/timer_wheel.hpp"

namespace danwa::beast {
namespace {

using namespace std::chrono_literals;
using Clock = TimerWheel::Clock;

struct Alarm final : TimerWheel::Entry {
  Alarm(std::vector<int>& wakes, int id) : log{wakes}, name{id} {}
  void on_due(Clock::time_point) override { log.push_back(name); }
  std::vector<int>& log;
  int name;
};

const Clock::time_point kStart = Clock::time_point{} + 1h;

TEST(TimerWheel, WakesInOrderAndNotTooEarly) {
  TimerWheel wheel{kStart};
  std::vector<int> log;
  Alarm late{log, 2};
  Alarm soon{log, 1};
  wheel.set(late, kStart + 300ms);
  wheel.set(soon, kStart + 110ms);
  wheel.advance(kStart + 100ms);
  EXPECT_TRUE(log.empty());
  wheel.advance(kStart + 400ms);
  EXPECT_EQ(log, (std::vector{1, 2}));
}

TEST(TimerWheel, WakesAtMostOneStepLate) {
  for (int ms = 1; ms < 200; ++ms) {
    TimerWheel wheel{kStart};
    std::vector<int> log;
    Alarm alarm{log, 1};
    wheel.set(alarm, kStart + std::chrono::milliseconds{ms});
    const auto next = wheel.next();
    ASSERT_TRUE(next);
    EXPECT_GE(*next, kStart + std::chrono::milliseconds{ms});
    EXPECT_LT(*next, kStart + std::chrono::milliseconds{ms} + TimerWheel::kStep);
    wheel.advance(*next);
    EXPECT_EQ(log.size(), 1U) << ms;
  }
}

TEST(TimerWheel, CarriesDeadlinesBeyondOneRound) {
  TimerWheel wheel{kStart};
  std::vector<int> log;
  Alarm alarm{log, 1};
  wheel.set(alarm, kStart + 200s);
  auto now = kStart;
  while (const auto next = wheel.next()) {
    ASSERT_GT(*next, now);
    now = *next;
    ASSERT_EQ(log.size(), 0U);
    wheel.advance(now);
  }
  EXPECT_EQ(log.size(), 1U);
  EXPECT_GE(now, kStart + 200s);
  EXPECT_LT(now, kStart + 200s + TimerWheel::kStep);
}

TEST(TimerWheel, ForgetsWhatIsRemovedMovedOrDestroyed) {
  TimerWheel wheel{kStart};
  std::vector<int> log;
  Alarm removed{log, 1};
  Alarm moved{log, 2};
  wheel.set(removed, kStart + 100ms);
  wheel.set(moved, kStart + 100ms);
  {
    Alarm destroyed{log, 3};
    wheel.set(destroyed, kStart + 100ms);
  }
  TimerWheel::remove(removed);
  wheel.set(moved, kStart + 10s);
  wheel.advance(kStart + 1s);
  EXPECT_TRUE(log.empty());
  wheel.advance(kStart + 11s);
  EXPECT_EQ(log, std::vector{2});
  EXPECT_EQ(wheel.next(), std::nullopt);
}

TEST(TimerWheel, SurvivesALongSleep) {
  TimerWheel wheel{kStart};
  std::vector<int> log;
  Alarm one{log, 1};
  Alarm two{log, 2};
  wheel.set(one, kStart + 100ms);
  wheel.set(two, kStart + 40s);
  wheel.advance(kStart + 24h);
  EXPECT_EQ(log.size(), 2U);
}

/// Puts itself in again, and takes another out.
struct Meddler final : TimerWheel::Entry {
  Meddler(TimerWheel& its_wheel, TimerWheel::Entry& victim) : wheel{its_wheel}, other{victim} {}
  void on_due(Clock::time_point now) override {
    ++woken;
    TimerWheel::remove(other);
    wheel.set(*this, now + 1s);
  }
  TimerWheel& wheel;
  TimerWheel::Entry& other;
  int woken = 0;
};

TEST(TimerWheel, LetsEntriesChangeItWhileItWakes) {
  TimerWheel wheel{kStart};
  std::vector<int> log;
  Alarm victim{log, 1};
  Meddler meddler{wheel, victim};
  wheel.set(meddler, kStart + 100ms);
  wheel.set(victim, kStart + 100ms);
  wheel.advance(kStart + 200ms);
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(meddler.woken, 1);
  wheel.advance(kStart + 2s);
  EXPECT_EQ(meddler.woken, 2);
}

TEST(Gather, CopiesTheRestOfTheFrameInWhichAnOffsetLies) {
  Gather gather;
  gather.add("control");
  gather.end_frame();
  gather.add_owned("id: 1\n");
  gather.add("data");
  gather.add("\n\n");
  gather.end_frame();
  gather.add("next");
  gather.end_frame();
  EXPECT_EQ(gather.size(), 7U + 12U + 4U);
  EXPECT_EQ(gather.end_of(1), 19U);
  const std::string whole = "id: 1\ndata\n\n";
  for (std::size_t offset = 7; offset < 19; ++offset) {
    std::string rest;
    gather.copy_rest(1, offset, rest);
    EXPECT_EQ(rest, whole.substr(offset - 7)) << offset;
  }
}

TEST(Gather, HoldsTwoBatchesAndWhatComesBefore) {
  Gather gather;
  for (int i = 0; i < 33; ++i) {
    EXPECT_FALSE(gather.full());
    gather.add_owned("a");
    gather.add("b");
    gather.add("c");
    gather.end_frame();
  }
  EXPECT_TRUE(gather.full());
  EXPECT_EQ(gather.pieces().size(), 99U);
  gather.clear();
  EXPECT_FALSE(gather.full());
  EXPECT_EQ(gather.size(), 0U);
}

}  // namespace
}  // namespace danwa::beast
