#include "router_table_fixture.hpp"

// Pages of the log that end before what was asked for, because their text has filled them.
namespace danwa::delivery {
namespace {

using namespace tests;
using std::chrono::milliseconds;
using usecase::ReadFrom;

using RouterPagesTest = RouterTableTest;

TEST_F(RouterPagesTest, ARepairWhosePageWasFilledByItsTextGoesOnBehindIt) {
  watch();
  answer_head(0);
  table.on_growth({lobby(), 40}, now);
  pass(milliseconds{20});
  table.on_updates(take<ReadUpdateRange>().at(0).token, LogPage{added_range(1, 10), 40, "e"}, now);
  const auto read = take<ReadUpdateRange>().at(0);
  EXPECT_EQ(read.first, 11u);
  table.on_updates(read.token, LogPage{added_range(11, 40), 40, "e"}, now);
  EXPECT_EQ(announced(), range(1, 40));
}

TEST_F(RouterPagesTest, APageThatItsTextFilledIsNoEndOfTheReplicasLog) {
  const auto who = watch_after(0);
  answer_head(40);
  table.read_page(who, {.id = 1, .first = 1, .last = 16});
  table.on_updates(take<ReadUpdateRange>().at(0).token, LogPage{added_range(1, 5), 40, "e"}, now);
  const auto page = take<GivePage>().at(0).page;
  EXPECT_EQ(page.frames.size(), 5u);
  EXPECT_EQ(page.last, 5u) << "a page that looked further would send the watcher to the master";
}

TEST_F(RouterPagesTest, WhoWaitsForWhatDidNotFitOnAPageAsksAgain) {
  const auto first = watch_after(0);
  const auto second = watch_after(9);
  answer_head(40);
  table.read_page(first, {.id = 1, .first = 1, .last = 16});
  table.read_page(second, {.id = 1, .first = 10, .last = 25, .from = ReadFrom::replica});
  const auto reads = take<ReadUpdateRange>();
  ASSERT_EQ(reads.size(), 1u) << "the second joins the read of the first";
  table.on_updates(reads[0].token, LogPage{added_range(1, 5), 40, "e"}, now);
  const auto given = take<GivePage>();
  ASSERT_EQ(given.size(), 1u) << "an empty page of the master would be a reset";
  EXPECT_EQ(given[0].to, first);
  const auto again = take<ReadUpdateRange>();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].first, 10u);
}

}  // namespace
}  // namespace danwa::delivery
