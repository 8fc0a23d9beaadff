#include "usecase/delivery/subscriber.hpp"

#include <gtest/gtest.h>

#include "frames.hpp"
#include "support/frames.hpp"

namespace danwa::delivery {
namespace {

using namespace tests;

/// A gate for bob, who was allowed at 10.
struct BobsGate : testing::Test {
  static FramePtr left(domain::Seq seq, const char* who) {
    const auto id = domain::UserId::trusted(who);
    return tests::encode_update({lobby(), seq, at(0), domain::MemberRemoved{{}, id, id}});
  }
  static FramePtr closed(domain::Seq seq) {
    const auto restricted = domain::Visibility::restricted;
    return tests::encode_update({lobby(), seq, at(0), domain::ConversationUpdated{{}, {}, restricted, user()}});
  }
  void announce(domain::Seq first, domain::Seq last) {
    for (const auto& frame : added_range(first, last)) gate.announced(*frame);
  }

  AccessGate gate{{company(), conversation(), domain::UserId::trusted("bob"), 10}};
};

TEST_F(BobsGate, LetsHarmlessUpdatesThroughWithoutAQuestion) {
  EXPECT_TRUE(gate.admits(11));
  EXPECT_FALSE(gate.admits(12));  // nobody has looked at 11
  announce(11, 14);
  gate.announced(*left(15, "alice"));
  EXPECT_TRUE(gate.admits(16));
  EXPECT_FALSE(gate.question(16, true, false));
}

TEST_F(BobsGate, LooksAtWhatIsHandedOut) {
  for (const auto& frame : added_range(11, 13)) {
    EXPECT_TRUE(gate.admits(frame->seq()));
    gate.handed_out(*frame);
  }
  EXPECT_TRUE(gate.admits(14));
  gate.handed_out(*left(14, "bob"));
  EXPECT_FALSE(gate.admits(15));
  EXPECT_TRUE(gate.question(15, true, false));
}

TEST_F(BobsGate, ClosesBehindHisLeaving) {
  announce(11, 11);
  gate.announced(*left(12, "bob"));
  announce(13, 14);
  EXPECT_TRUE(gate.admits(12));
  EXPECT_FALSE(gate.admits(13));
  EXPECT_FALSE(gate.settled());
}

TEST_F(BobsGate, ClosesBehindTheRoomsClosing) {
  gate.announced(*closed(11));
  EXPECT_TRUE(gate.admits(11));
  EXPECT_FALSE(gate.admits(12));
}

TEST_F(BobsGate, AsksOnceHoweverSlowTheTransport) {
  gate.announced(*left(11, "bob"));
  const auto check = gate.question(11, false, false);
  ASSERT_TRUE(check);
  EXPECT_TRUE(gate.awaits(*check));
  EXPECT_FALSE(gate.question(11, false, false));
}

TEST_F(BobsGate, OpensUpToTheAnswerAndTheRunBehindIt) {
  gate.announced(*left(11, "bob"));
  announce(12, 14);
  gate.question(11, false, false);
  EXPECT_TRUE(gate.answer({true, 12}));
  EXPECT_TRUE(gate.admits(15));
  EXPECT_TRUE(gate.settled());
  EXPECT_FALSE(gate.question(11, false, false));
}

TEST_F(BobsGate, AsksAgainWhenTheAnswerIsOlderThanTheReason) {
  gate.announced(*left(11, "bob"));
  gate.question(11, false, false);
  gate.announced(*left(13, "bob"));
  EXPECT_TRUE(gate.answer({true, 12}));
  EXPECT_TRUE(gate.question(11, false, false));
  EXPECT_FALSE(gate.admits(14));
}

TEST_F(BobsGate, EndsWhenTheAnswerIsNo) {
  gate.announced(*closed(11));
  gate.question(11, true, false);
  EXPECT_FALSE(gate.answer({false, 11}));
}

TEST_F(BobsGate, AsksAboutAHoleUnlessATransportIsThereToReadIt) {
  announce(11, 11);
  announce(14, 14);
  EXPECT_FALSE(gate.question(12, true, false));
  EXPECT_TRUE(gate.question(12, false, false));
}

TEST_F(BobsGate, TrustsNoLookAtAnotherLog) {
  AccessGate other{{company(), conversation(), domain::UserId::trusted("bob"), 10, "old"}};
  other.started("new", 10);
  EXPECT_FALSE(other.admits(10));
  EXPECT_TRUE(other.question(11, true, true));
  EXPECT_TRUE(other.answer({false, 10, "old"})) << "says nothing of this log";
  EXPECT_FALSE(other.admits(10));
  EXPECT_TRUE(other.question(11, true, true)) << "asked again";
  EXPECT_TRUE(other.answer({true, 10, "new"}));
  EXPECT_TRUE(other.admits(11));
}

TEST_F(BobsGate, AsksAboutWhatAStartSkipped) {
  gate.started("e", 15);
  gate.skipped_to(16);
  EXPECT_FALSE(gate.admits(16));
  EXPECT_TRUE(gate.question(16, true, false));
  EXPECT_TRUE(gate.answer({true, 15}));
  EXPECT_TRUE(gate.admits(16));
  EXPECT_FALSE(gate.question(16, true, false));
}

TEST_F(BobsGate, KnowsNothingOfANewLog) {
  gate.announced(*closed(11));
  const auto old = gate.question(11, true, false);
  gate.restarted();
  EXPECT_FALSE(gate.awaits(*old));
  EXPECT_FALSE(gate.admits(1));
  const auto check = gate.question(4, true, false);
  ASSERT_TRUE(check);
  EXPECT_NE(*check, *old);
  EXPECT_TRUE(gate.answer({true, 3}));
  EXPECT_TRUE(gate.admits(4));
}

}  // namespace
}  // namespace danwa::delivery
