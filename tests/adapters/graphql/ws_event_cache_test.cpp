#include "adapters/graphql/ws_event.hpp"

#include <gtest/gtest.h>

#include "usecase/delivery/frames.hpp"

namespace danwa::adapters::graphql {
namespace {

EventCache::Text text(std::string value) { return std::make_shared<const std::string>(std::move(value)); }

TEST(EventCache, KnowsAFrameByItsSelection) {
  EventCache cache;
  const auto frame = tests::added(1);
  const auto answer = text("a");
  cache.keep(frame, "one", answer);
  EXPECT_EQ(cache.find(frame, "one"), answer);
  EXPECT_EQ(cache.find(frame, "other"), nullptr);
  EXPECT_EQ(cache.find(tests::added(1), "one"), nullptr);  // another frame, whatever it says
}

TEST(EventCache, ForgetsTheOldest) {
  EventCache cache;
  const auto frames = tests::added_range(1, EventCache::kEntries + 1);
  for (const auto& frame : frames) cache.keep(frame, "one", text(std::to_string(frame->seq())));
  EXPECT_EQ(cache.find(frames.front(), "one"), nullptr);
  EXPECT_EQ(*cache.find(frames[1], "one"), "2");
  EXPECT_EQ(frames.front().use_count(), 1);
}

}  // namespace
}  // namespace danwa::adapters::graphql
