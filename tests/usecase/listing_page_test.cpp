#include "usecase/conversations.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/comments.hpp"

namespace danwa::usecase {
namespace {

using Summary = UpdateLog::ConversationSummary;

Summary row(std::uint64_t place, std::string key = "") {
  return {.key = domain::ConversationKey::trusted(key.empty() ? "k" + std::to_string(place) : std::move(key)),
          .head = 1,
          .last_activity = tests::at(static_cast<std::int64_t>(place)),
          .place = place};
}

UpdateLog::ListingRequest request(std::size_t limit) { return {tests::company(), tests::user(), {}, {}, limit}; }

TEST(ListingPage, EndsAtItsLimitAndGoesOnBehindItsLast) {
  const auto wanted = request(2);
  ListingPage page{wanted};
  for (std::size_t n = 1; n <= 3; ++n) page.look(n, row(10 - n));
  EXPECT_TRUE(page.ended());
  const auto listing = page.take();
  ASSERT_EQ(listing.conversations.size(), 2u);
  EXPECT_EQ(listing.next->place, 8u);
}

TEST(ListingPage, EndsWhenAThousandRowsWereLookedAtWhateverTheyShow) {
  const auto wanted = request(10);
  ListingPage page{wanted};
  for (std::size_t n = 1; n <= 999; ++n) {
    auto hidden = row(5'000 - n);
    hidden.visibility = domain::Visibility::restricted;
    page.look(n, std::move(hidden));
  }
  EXPECT_FALSE(page.ended());
  page.look(1'000, row(4'000));
  EXPECT_TRUE(page.ended());
  const auto listing = page.take();
  EXPECT_EQ(listing.conversations.size(), 1u);
  EXPECT_EQ(listing.next->place, 4'000u);
}

TEST(ListingPage, EndsByItsTextAndGoesOnWithTheRowThatDidNotFit) {
  const auto wanted = request(1'000);
  ListingPage page{wanted};
  const std::string long_key(1'000, 'k');
  std::size_t looked = 0;
  for (; !page.ended(); ++looked) page.look(looked + 1, row(5'000 - looked, long_key));
  const auto listing = page.take();
  EXPECT_EQ(listing.conversations.size(), 262u);
  EXPECT_EQ(listing.next->place, listing.conversations.back().place) << "the one behind it comes next";
}

TEST(ListingPage, TellsNoNextWhereTheListEnds) {
  const auto wanted = request(10);
  ListingPage page{wanted};
  page.look(1, row(9));
  EXPECT_FALSE(page.take().next);
}

TEST(ListingPage, SortsWhatTheRangesOfGrantsHold) {
  auto wanted = request(2);
  wanted.shown = domain::KeyPatterns{{"a*z", "b"}};
  wanted.behind = UpdateLog::ConversationMark{9, std::nullopt};
  ListingPage page{wanted};
  page.take_all({row(3, "a1z"), row(9, "a2z"), row(8, "a3y"), row(5, "b"), row(7, "a4z")});
  const auto listing = page.take();
  ASSERT_EQ(listing.conversations.size(), 2u);
  EXPECT_EQ(listing.conversations[0].key.value(), "a4z");
  EXPECT_EQ(listing.conversations[1].key.value(), "b");
  EXPECT_EQ(listing.next->place, 5u);
}

}  // namespace
}  // namespace danwa::usecase
