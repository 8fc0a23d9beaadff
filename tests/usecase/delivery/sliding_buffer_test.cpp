#include "usecase/delivery/subscriber.hpp"

#include <gtest/gtest.h>

#include "frames.hpp"

namespace danwa::delivery {
namespace {

using namespace tests;

FrameBatch all_of(SlidingBuffer& buffer) {
  FrameBatch out;
  buffer.take(SlidingBuffer::kCapacity, out);
  return out;
}

SlidingBuffer filled_buffer(domain::Seq first, domain::Seq last) {
  SlidingBuffer buffer;
  for (const auto& frame : added_range(first, last)) buffer.push(frame);
  return buffer;
}

TEST(SlidingBuffer, KeepsARunInOrder) {
  auto buffer = filled_buffer(5, 8);
  EXPECT_EQ(buffer.first(), 5u);
  EXPECT_EQ(buffer.last(), 8u);
  EXPECT_EQ(seqs(all_of(buffer)), range(5, 8));
  EXPECT_TRUE(buffer.empty());
}

TEST(SlidingBuffer, DropsTheOldestWhenFull) {
  auto buffer = filled_buffer(1, 16);
  EXPECT_EQ(buffer.push(added(17)), SlidingBuffer::Push::slid);
  EXPECT_EQ(buffer.size(), SlidingBuffer::kCapacity);
  EXPECT_EQ(seqs(all_of(buffer)), range(2, 17));
}

TEST(SlidingBuffer, StartsAnewAfterAHole) {
  auto buffer = filled_buffer(1, 3);
  EXPECT_EQ(buffer.push(added(5)), SlidingBuffer::Push::restarted);
  EXPECT_EQ(seqs(all_of(buffer)), range(5, 5));
}

TEST(SlidingBuffer, IgnoresWhatItHas) {
  auto buffer = filled_buffer(3, 6);
  EXPECT_EQ(buffer.push(added(6)), SlidingBuffer::Push::duplicate);
  EXPECT_EQ(buffer.push(added(2)), SlidingBuffer::Push::duplicate);
  EXPECT_EQ(seqs(all_of(buffer)), range(3, 6));
}

TEST(SlidingBuffer, PrependsOnlyWhatJoins) {
  auto buffer = filled_buffer(7, 9);
  buffer.prepend(added_range(3, 5));
  EXPECT_EQ(buffer.first(), 7u);
  buffer.prepend(added_range(4, 7));
  EXPECT_EQ(seqs(all_of(buffer)), range(4, 9));
}

TEST(SlidingBuffer, PrependsTheNewestThatFit) {
  auto buffer = filled_buffer(20, 33);
  buffer.prepend(added_range(10, 19));
  EXPECT_EQ(seqs(all_of(buffer)), range(18, 33));
}

TEST(SlidingBuffer, DropsBelowASeq) {
  auto buffer = filled_buffer(1, 6);
  buffer.drop_below(5);
  EXPECT_EQ(seqs(all_of(buffer)), range(5, 6));
}

TEST(SlidingBuffer, LetsGoOfWhatItGaveAway) {
  auto buffer = filled_buffer(1, 2);
  const std::weak_ptr<const Frame> watched = buffer.at(0);
  { const auto given = all_of(buffer); }
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace danwa::delivery
