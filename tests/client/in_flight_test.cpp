#include "app/bench/in_flight.hpp"

#include <gtest/gtest.h>

namespace danwa::tests {
namespace {

using bench::InFlight;

TEST(InFlight, AnAnswerAndAllWatchersMakeRoomInAnyOrder) {
  InFlight comments{1, 2, 5};  // conversation 0 has 3 watchers, 1 has 2
  comments.sent();
  comments.received(0, 1);
  comments.received(0, 1);
  comments.acknowledged(0, 1, 0);
  EXPECT_TRUE(comments.full());
  comments.received(0, 1);
  EXPECT_FALSE(comments.full());

  comments.sent();
  comments.received(1, 1);
  comments.received(1, 1);
  EXPECT_TRUE(comments.full()) << "not answered yet";
  comments.acknowledged(1, 1, 0);
  EXPECT_FALSE(comments.full());
}

TEST(InFlight, ConversationsAndNumbersAreToldApart) {
  InFlight comments{3, 2, 2};
  for (int i = 0; i < 3; ++i) comments.sent();
  comments.acknowledged(0, 1, 0);
  comments.acknowledged(1, 1, 0);
  comments.acknowledged(0, 2, 0);
  comments.received(1, 2);
  EXPECT_TRUE(comments.full()) << "nobody sent that one";
  comments.received(0, 2);
  EXPECT_FALSE(comments.full());
}

TEST(InFlight, WithoutWatchersTheAnswerIsAll) {
  InFlight comments{1, 1, 0};
  comments.sent();
  EXPECT_TRUE(comments.full());
  comments.acknowledged(0, 1, 0);
  EXPECT_FALSE(comments.full());
}

TEST(InFlight, ACommentThatFailedMakesRoom) {
  InFlight comments{1, 1, 1};
  comments.sent();
  comments.ended();
  EXPECT_FALSE(comments.full());
}

TEST(InFlight, WithoutALimitThereIsAlwaysRoom) {
  InFlight comments{0, 1, 1};
  for (int i = 0; i < 100; ++i) comments.sent();
  EXPECT_FALSE(comments.full());
}

TEST(InFlight, NobodyWaitsForAWatcherThatIsGone) {
  InFlight comments{2, 1, 2};
  comments.sent();
  comments.sent();
  comments.acknowledged(0, 1, 0);
  comments.acknowledged(0, 2, 0);
  comments.received(0, 1);  // by the one that goes
  comments.watcher_gone(0, 2);
  EXPECT_TRUE(comments.full()) << "the other one lacks both";
  comments.received(0, 1);
  EXPECT_FALSE(comments.full());
  comments.sent();
  EXPECT_TRUE(comments.full());
  comments.watcher_gone(0, 2);
  EXPECT_FALSE(comments.full()) << "nobody is left to receive the second";
}

TEST(InFlight, PatienceEndsAndIsCounted) {
  InFlight comments{1, 1, 1};
  comments.sent();
  comments.acknowledged(0, 1, 1'000);
  comments.expire(1'000 + InFlight::kPatience);
  EXPECT_TRUE(comments.full());
  comments.expire(1'001 + InFlight::kPatience);
  EXPECT_FALSE(comments.full());
  EXPECT_EQ(comments.expired(), 1U);
}

TEST(InFlight, ALateOrDoubledDeliveryMakesNoRoomTwice) {
  InFlight comments{2, 1, 1};
  comments.sent();
  comments.acknowledged(0, 1, 0);
  comments.received(0, 1);
  comments.received(0, 1);
  comments.sent();
  comments.sent();
  comments.expire(InFlight::kPatience + 1);
  EXPECT_TRUE(comments.full());
  EXPECT_EQ(comments.expired(), 0U);
}

}  // namespace
}  // namespace danwa::tests
