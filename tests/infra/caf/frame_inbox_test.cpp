#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "infra/caf/messages.hpp"
#include "support/frames.hpp"
#include "support/wait_for.hpp"

namespace danwa::caf {
namespace {

delivery::FramePtr frame(domain::Seq seq) {
  const domain::ChannelKey channel{*domain::CompanyId::parse("demo"), domain::ChannelKind::conversation, "room"};
  return tests::raw_frame(channel, seq, "{}");
}

TEST(FrameInbox, WakesForTheFirstOnly) {
  delivery::Counter drops;
  FrameInbox inbox{drops};
  EXPECT_TRUE(inbox.put(frame(1)));
  EXPECT_FALSE(inbox.put(frame(2)));
  EXPECT_EQ(inbox.take().size(), 2U);
  EXPECT_TRUE(inbox.put(frame(3)));
  EXPECT_EQ(drops.value(), 0U);
}

TEST(FrameInbox, CountsWhatItDropsAndKeepsWhatItTook) {
  delivery::Counter drops;
  FrameInbox inbox{drops, 3};
  for (domain::Seq seq = 1; seq <= 5; ++seq) EXPECT_EQ(inbox.put(frame(seq)), seq == 1);
  EXPECT_EQ(drops.value(), 2U);
  const auto taken = inbox.take();
  ASSERT_EQ(taken.size(), 3U);
  for (domain::Seq seq = 1; seq <= 3; ++seq) EXPECT_EQ(taken[seq - 1]->seq(), seq);
  EXPECT_TRUE(inbox.put(frame(6))) << "there is room again";
}

TEST(FrameInbox, LosesNothingAmongManyThreads) {
  delivery::Counter drops;
  FrameInbox inbox{drops};
  std::atomic<int> wakes{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (domain::Seq seq = 1; seq <= 1'000; ++seq) wakes += inbox.put(frame(seq)) ? 1 : 0;
    });
  }
  std::size_t taken = 0;
  EXPECT_TRUE(tests::wait_for([&] { return (taken += inbox.take().size()) >= 4'000; }));
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(taken, 4'000U);
  EXPECT_GE(wakes, 1);
  EXPECT_EQ(drops.value(), 0U);
}

}  // namespace
}  // namespace danwa::caf
