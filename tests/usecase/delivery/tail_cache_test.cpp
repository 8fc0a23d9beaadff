#include "usecase/delivery/tail_cache.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "frames.hpp"

namespace danwa::delivery {
namespace {

using namespace tests;

TailCache filled(domain::Seq first, domain::Seq last, TailCache::Limits limits = {}) {
  TailCache cache{limits};
  for (auto& frame : added_range(first, last)) cache.append(std::move(frame));
  return cache;
}

TEST(TailCache, KeepsTheLastUpdatesOnly) {
  const auto cache = filled(1, 1000, {.frames = 20, .bytes = 1 << 20});
  EXPECT_EQ(cache.size(), 20u);
  EXPECT_EQ(cache.first(), 981u);
  EXPECT_EQ(seqs(cache.slice(981, 1000, 100)), range(981, 1000));
}

TEST(TailCache, KeepsToItsBytesButForTheNewestSixteen) {
  const auto cache = filled(1, 100, {.frames = 256, .bytes = 1});
  EXPECT_EQ(cache.size(), TailCache::kAlwaysKept);
  const auto roomy = filled(1, 100, {.frames = 256, .bytes = 20'000});
  EXPECT_GT(roomy.size(), TailCache::kAlwaysKept);
  EXPECT_LE(roomy.bytes(), 20'000u);
}

TEST(TailCache, StartsAnewAfterAHole) {
  auto cache = filled(1, 5);
  cache.append(added(7));
  EXPECT_EQ(cache.first(), 7u);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(TailCache, GivesNothingThatStartsBeforeIt) {
  const auto cache = filled(5, 9);
  EXPECT_TRUE(cache.slice(4, 9, 16).empty());
  EXPECT_EQ(seqs(cache.slice(8, 20, 16)), range(8, 9));
  EXPECT_EQ(seqs(cache.slice(5, 9, 2)), range(5, 6));
}

TEST(TailCache, PrependsWithoutPushingOut) {
  auto cache = filled(11, 20, {.frames = 16, .bytes = 1 << 20});
  cache.prepend(added_range(1, 10));
  EXPECT_EQ(cache.size(), 16u);
  EXPECT_EQ(cache.first(), 5u);
  EXPECT_EQ(cache.last(), 20u);
}

TEST(TailCache, PrependsOnlyWhatJoins) {
  auto cache = filled(11, 12);
  cache.prepend(added_range(5, 8));
  EXPECT_EQ(cache.first(), 11u);
}

TEST(TailCache, CountsItsBytesExactly) {
  auto cache = filled(1, 300, {.frames = 40, .bytes = 1 << 20});
  cache.prepend(added_range(200, 260));
  std::size_t bytes = 0;
  for (auto seq = cache.first(); seq <= cache.last(); ++seq) {
    bytes += cache.find(seq)->size();
  }
  EXPECT_EQ(cache.bytes(), bytes);
  cache.clear();
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(TailCache, ShowsNoTextOfARemovedComment) {
  TailCache cache{{}};
  for (const auto& frame : {added(1, 50), added(2, 51), added(3, 50)}) cache.append(frame);
  cache.redact(comment_id(50));
  EXPECT_FALSE(shows_text(cache.find(1)));
  EXPECT_TRUE(shows_text(cache.find(2)));
  EXPECT_FALSE(shows_text(cache.find(3)));
}

TEST(Frame, IsRedactedWhileOthersReadIt) {
  for (int round = 0; round < 50; ++round) {
    const auto frame = added(1, 7);
    std::thread reader{[&frame] {
      while (shows_text(frame)) std::this_thread::yield();
    }};
    std::thread other{[&frame] { frame->redact(); }};
    frame->redact();
    reader.join();
    other.join();
    EXPECT_FALSE(shows_text(frame));
  }
}

TEST(Removals, ScreenWhatArrivesLater) {
  Removals removals;
  removals.remember(comment_id(7), Time{});
  const auto late = added(3, 7), other = added(4, 8);
  removals.screen(*late);
  removals.screen(*other);
  EXPECT_FALSE(shows_text(late));
  EXPECT_TRUE(shows_text(other));
}

TEST(Removals, OfARedactionScreenWhatWasSaidBeforeIt) {
  Removals removals;
  removals.remember(comment_id(7), Time{}, 5);
  removals.remember(comment_id(7), Time{}, 3);  // comes late, and takes nothing back
  const auto before = added(4, 7), self = redacting(5, 7), behind = added(6, 7);
  for (const auto& frame : {before, self, behind}) removals.screen(*frame);
  EXPECT_FALSE(shows_text(before));
  EXPECT_TRUE(shows_text(self));
  EXPECT_TRUE(shows_text(behind));
  removals.remember(comment_id(7), Time{});  // removed in the end
  for (const auto& frame : {before, self, behind}) removals.screen(*frame);
  EXPECT_FALSE(shows_text(self));
  EXPECT_FALSE(shows_text(behind));
}

TEST(Removals, AreBoundedInNumberAndAge) {
  Removals removals;
  for (std::uint64_t i = 1; i <= 1000; ++i) removals.remember(comment_id(i), Time{});
  EXPECT_EQ(removals.size(), Removals::kMax);
  removals.remember(comment_id(2000), Time{} + Removals::kMaxAge + std::chrono::seconds{1});
  EXPECT_EQ(removals.size(), 1u);
}

}  // namespace
}  // namespace danwa::delivery
