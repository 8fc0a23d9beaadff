#include <gtest/gtest.h>

#include "frames.hpp"
#include "support/frames.hpp"
#include "usecase/delivery/subscriber.hpp"

namespace danwa::delivery {
namespace {

using namespace tests;

/// Bob watches the lobby; he was allowed at `checked`. "watching 1 2 ..."
struct Bob {
  explicit Bob(domain::Seq after, domain::Seq checked, usecase::Delivery delivery = usecase::Delivery::complete)
      : subscriber{watch(after, checked, delivery), kNode, adapters::json_frames(), metrics} {}

  static usecase::Watch watch(domain::Seq after, domain::Seq checked, usecase::Delivery delivery) {
    auto watch = usecase::Watch::of(lobby(), domain::Cursor{{}, after}, delivery);
    watch.guard = usecase::AccessGuard{company(), conversation(), domain::UserId::trusted("bob"), checked};
    return watch;
  }
  static FramePtr leaves(domain::Seq seq) {
    const auto bob = domain::UserId::trusted("bob");
    return tests::encode_update({lobby(), seq, at(0), domain::MemberRemoved{{}, bob, bob}});
  }

  Subscriber::Outcome see(Subscriber::Outcome outcome) {
    for (const auto& frame : outcome.deliver) {
      if (frame->kind() == FrameKind::update) handed.push_back(frame->seq());
    }
    if (outcome.check) check = outcome.check;
    return outcome;
  }
  Subscriber::Outcome announce(FrameBatch frames) { return see(subscriber.announced(frames)); }
  Subscriber::Outcome start(domain::Seq head) { return see(subscriber.started("e", head, false)); }
  Subscriber::Outcome ready() { return see(subscriber.ready()); }
  Subscriber::Outcome answer(bool allowed, domain::Seq through) {
    return see(subscriber.access(*std::exchange(check, std::nullopt), usecase::AccessCheck::Answer{allowed, through}));
  }

  DeliveryFigures metrics;
  Subscriber subscriber;
  std::vector<domain::Seq> handed;
  std::optional<std::uint32_t> check;
};

TEST(GuardedSubscriber, HisLeavingIsTheLastThatGoesOut) {
  Bob bob{0, 0};
  bob.start(0);
  bob.ready();
  bob.ready();
  bob.announce({added(1), Bob::leaves(2), added(3)});
  bob.ready();
  EXPECT_EQ(bob.handed, range(1, 2));
  ASSERT_TRUE(bob.check);
  EXPECT_EQ(bob.answer(false, 3).end, WatchCloseReason::forbidden);
  bob.ready();
  EXPECT_EQ(bob.handed, range(1, 2));
}

TEST(GuardedSubscriber, WhoIsBackSeesEverything) {
  Bob bob{0, 0};
  bob.start(0);
  bob.ready();
  bob.ready();
  bob.announce({added(1), Bob::leaves(2), added(3)});
  bob.ready();
  EXPECT_FALSE(bob.answer(true, 3).end);
  EXPECT_EQ(bob.handed, range(1, 3));
  EXPECT_FALSE(bob.check);
}

TEST(GuardedSubscriber, IsThrownOutWhileItsTransportIsNotReady) {
  Bob bob{0, 0};
  bob.start(0);
  bob.announce(added_range(1, 40));
  EXPECT_FALSE(bob.check);
  bob.announce({Bob::leaves(41)});
  ASSERT_TRUE(bob.check);
  EXPECT_EQ(bob.answer(false, 41).end, WatchCloseReason::forbidden);
  EXPECT_TRUE(bob.handed.empty());
}

TEST(GuardedSubscriber, IsCheckedWhenItsLeavingMayLieInAHole) {
  Bob bob{0, 0};
  bob.start(0);
  bob.announce({added(1), added(3)});
  EXPECT_TRUE(bob.check);
}

TEST(GuardedSubscriber, APageEndsAtHisLeaving) {
  Bob bob{0, 0};
  bob.start(4);
  bob.ready();
  bob.answer(true, 1);  // of the start: 2 to 4 came since
  const auto read = bob.ready().read;
  ASSERT_TRUE(read);
  bob.see(bob.subscriber.page(Page{read->id, 4, 4, PageSource::cache, {added(1), added(2), Bob::leaves(3), added(4)}}));
  EXPECT_EQ(bob.handed, range(1, 3));
  EXPECT_FALSE(bob.ready().read);
  EXPECT_TRUE(bob.check);
}

TEST(GuardedSubscriber, AStartAboveWhatWasCheckedWaitsForACheck) {
  Bob bob{20, 10};
  bob.ready();
  bob.start(20);
  ASSERT_TRUE(bob.check);
  bob.ready();
  bob.announce({added(21)});
  EXPECT_TRUE(bob.handed.empty());
  bob.answer(true, 20);
  EXPECT_EQ(bob.handed, range(21, 21));
}

TEST(GuardedSubscriber, LatestIsToldNothingOfWhatNobodyExamined) {
  Bob bob{0, 0, usecase::Delivery::latest};
  bob.start(0);
  bob.ready();
  bob.announce({added(5)});
  bob.ready();
  EXPECT_TRUE(bob.handed.empty());
  ASSERT_TRUE(bob.check);
  bob.answer(true, 5);
  EXPECT_EQ(bob.handed, range(5, 5));
}

TEST(GuardedSubscriber, ANewLogNeedsANewCheckAndForgetsTheOldOne) {
  Bob bob{0, 0};
  bob.start(0);
  bob.ready();
  bob.announce({Bob::leaves(1)});
  const auto old = bob.check;
  bob.see(bob.subscriber.restarted());
  bob.see(bob.subscriber.started("f", 3, true));
  ASSERT_NE(bob.check, old);
  EXPECT_FALSE(bob.subscriber.access(*old, usecase::AccessCheck::Answer{false, 1}).end);
  bob.announce({added(4)});
  bob.ready();
  EXPECT_TRUE(bob.handed.empty());
  bob.ready();
  EXPECT_TRUE(bob.handed.empty());
  bob.answer(true, 3);
  EXPECT_EQ(bob.handed, range(4, 4));
}

TEST(GuardedSubscriber, NeverOpensWithoutAnAnswer) {
  Bob bob{0, 0};
  bob.start(0);
  bob.announce({Bob::leaves(1)});
  EXPECT_EQ(bob.subscriber.access(*bob.check, std::nullopt).end, WatchCloseReason::unavailable);
}

TEST(GuardedSubscriber, SeesNoPresenceWhileItsRightIsInDoubt) {
  const auto presence = tests::ephemeral(lobby());
  Bob bob{0, 0};
  bob.start(0);
  bob.ready();
  bob.ready();
  EXPECT_EQ(bob.announce({Bob::leaves(1)}).deliver.size(), 1U);
  bob.ready();
  EXPECT_TRUE(bob.announce({presence}).deliver.empty());
  EXPECT_EQ(bob.answer(true, 1).deliver.size(), 1U);
}

}  // namespace
}  // namespace danwa::delivery
