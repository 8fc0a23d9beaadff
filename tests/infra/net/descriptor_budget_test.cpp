#include "infra/net/descriptors.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace danwa::net {
namespace {

std::size_t take_all(DescriptorBudget::Share& share, std::size_t each) {
  std::size_t taken = 0;
  while (share.take(each)) taken += each;
  return taken;
}

TEST(DescriptorBudget, OnePortAloneMayTakeEverything) {
  DescriptorBudget budget{100};
  auto& share = budget.add_share(0);
  EXPECT_EQ(take_all(share, 3), 99U);
  EXPECT_TRUE(share.take(1));
  EXPECT_FALSE(share.take(1));
  share.give_back(3);
  EXPECT_TRUE(share.take(3));
  EXPECT_EQ(share.used(), 100U);
}

TEST(DescriptorBudget, ACrowdAtOnePortLeavesTheOthersWhatTheyAreGuaranteed) {
  DescriptorBudget budget{100};
  auto& crowded = budget.add_share(25);
  auto& other = budget.add_share(25);
  EXPECT_EQ(take_all(crowded, 1), 75U);
  EXPECT_EQ(take_all(other, 1), 25U);
  crowded.give_back(10);
  EXPECT_EQ(take_all(other, 1), 10U);
  other.give_back(5);
  EXPECT_EQ(take_all(crowded, 1), 5U);
}

TEST(DescriptorBudget, AnOverdraftIsForTheLastWordsAlone) {
  DescriptorBudget budget{10};
  auto& share = budget.add_share(5);
  EXPECT_EQ(take_all(share, 1), 10U);
  EXPECT_FALSE(share.has_room(1));
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(share.has_room(1, 2));
    share.hold(1);
  }
  EXPECT_FALSE(share.has_room(1, 2));
  share.give_back(2);
  EXPECT_FALSE(share.take(1));
  share.give_back(1);
  EXPECT_TRUE(share.has_room(1));
}

TEST(DescriptorBudget, ThreadsNeverTakeMoreThanThereIs) {
  DescriptorBudget budget{50};
  auto& one = budget.add_share(10);
  auto& two = budget.add_share(10);
  std::atomic<std::size_t> held{0};
  std::atomic<bool> exceeded{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, &share = i % 2 == 0 ? one : two] {
      for (int turn = 0; turn < 5'000; ++turn) {
        if (!share.take(3)) continue;
        if (held.fetch_add(3) + 3 > 50) exceeded = true;
        std::this_thread::yield();
        held.fetch_sub(3);
        share.give_back(3);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(one.used() + two.used(), 0U);
}

}  // namespace
}  // namespace danwa::net
