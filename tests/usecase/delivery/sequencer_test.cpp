#include "usecase/delivery/tail_cache.hpp"

#include <gtest/gtest.h>

#include "frames.hpp"

namespace danwa::delivery {
namespace {

using namespace tests;
using std::chrono::milliseconds;

struct SequencerTest : testing::Test {
  std::vector<domain::Seq> take(domain::Seq seq, milliseconds at = milliseconds{0}) {
    FrameBatch out;
    sequencer.take(added(seq), Time{} + at, out);
    return seqs(out);
  }
  std::vector<domain::Seq> release(milliseconds at) {
    FrameBatch out;
    sequencer.release(Time{} + at, out);
    return seqs(out);
  }
  Sequencer sequencer;
};

TEST_F(SequencerTest, TheFirstUpdateMakesTheHeadKnown) {
  EXPECT_FALSE(sequencer.known());
  EXPECT_EQ(take(7), range(7, 7));
  EXPECT_EQ(sequencer.head(), 7u);
}

TEST_F(SequencerTest, AnEarlyOneWaitsForItsPredecessor) {
  sequencer.start_at(1);
  EXPECT_TRUE(take(4).empty());
  EXPECT_TRUE(take(3).empty());
  EXPECT_EQ(take(2), range(2, 4));
  EXPECT_FALSE(sequencer.due());
}

TEST_F(SequencerTest, LetsGoAfterFiveMilliseconds) {
  sequencer.start_at(1);
  take(3, milliseconds{10});
  take(6, milliseconds{12});
  EXPECT_EQ(sequencer.due(), Time{} + milliseconds{15});
  EXPECT_TRUE(release(milliseconds{14}).empty());
  EXPECT_EQ(release(milliseconds{15}), range(3, 3));
  EXPECT_EQ(release(milliseconds{17}), range(6, 6));
  EXPECT_EQ(sequencer.head(), 6u);
}

TEST_F(SequencerTest, LetsGoInOrderOnly) {
  sequencer.start_at(1);
  take(6, milliseconds{0});
  take(4, milliseconds{4});
  take(7, milliseconds{4});
  EXPECT_EQ(release(milliseconds{5}), (std::vector<domain::Seq>{4, 6, 7}));
}

TEST_F(SequencerTest, DropsDuplicatesAndLateOnes) {
  sequencer.start_at(5);
  EXPECT_TRUE(take(5).empty());
  EXPECT_TRUE(take(3).empty());
  take(8);
  EXPECT_TRUE(take(8).empty());
  EXPECT_EQ(sequencer.waiting(), 1u);
}

TEST_F(SequencerTest, HoldsABoundedNumber) {
  sequencer.start_at(0);
  for (domain::Seq seq = 2; seq < 2 + Sequencer::kMaxEarly; ++seq) EXPECT_TRUE(take(seq).empty());
  EXPECT_EQ(take(100).size(), Sequencer::kMaxEarly + 1);
  EXPECT_EQ(sequencer.waiting(), 0u);
}

}  // namespace
}  // namespace danwa::delivery
