#include "router_table_fixture.hpp"

namespace danwa::delivery {
namespace {

using namespace tests;
using std::chrono::milliseconds;
using usecase::ReadFrom;

TEST_F(RouterTableTest, AWatchStartsAtTheLogsHead) {
  const auto who = watch();
  const auto reads = take<ReadHead>();
  ASSERT_EQ(reads.size(), 1u);
  EXPECT_EQ(reads[0].from, ReadFrom::replica);
  table.on_head(reads[0].token, usecase::UpdateLog::Head{"e", 41}, now);
  const auto starts = take<StartWatch>();
  ASSERT_EQ(starts.size(), 1u);
  EXPECT_EQ(starts[0].to, who);
  EXPECT_EQ(starts[0].head, 41u);
  EXPECT_FALSE(starts[0].reset);
}

TEST_F(RouterTableTest, AWatchFromNowThatHasSeenMoreStartsAtTheMastersHead) {
  const auto who =
      std::make_shared<Registration>(usecase::WatchedChannel{tests::lobby(), std::nullopt, ReadFrom::master});
  table.watch(who, now);
  EXPECT_EQ(take<ReadHead>().at(0).from, ReadFrom::master);
}

TEST_F(RouterTableTest, ACursorInsideTheCacheNeedsNoRead) {
  watch();
  answer_head(0);
  announce(1, 20);
  take<StartWatch>();
  const auto who = watch(domain::Cursor{"e", 5});
  EXPECT_EQ(take<StartWatch>().size(), 1u);
  table.read_page(who, PageRequest{1, 6, 20, ReadFrom::replica});
  const auto pages = take<GivePage>();
  ASSERT_EQ(pages.size(), 1u);
  EXPECT_EQ(seqs(pages[0].page.frames), range(6, 20));
  EXPECT_TRUE(take<ReadHead>().empty());
  EXPECT_TRUE(take<ReadUpdateRange>().empty());
  EXPECT_EQ(metrics.cache_pages.value(), 1u);
}

TEST_F(RouterTableTest, ACursorAboveTheHeadAsksTheMasterBeforeReset) {
  watch();
  answer_head(10);
  take<StartWatch>();
  watch_after(12);
  auto reads = take<ReadHead>();
  ASSERT_EQ(reads.size(), 1u);
  EXPECT_EQ(reads[0].from, ReadFrom::master);
  table.on_head(reads[0].token, usecase::UpdateLog::Head{"e", 12}, now);
  EXPECT_FALSE(take<StartWatch>().at(0).reset);
  watch_after(99);
  answer_head(12);
  const auto start = take<StartWatch>().at(0);
  EXPECT_TRUE(start.reset);
  EXPECT_EQ(start.head, 12u);
}

TEST_F(RouterTableTest, AReplicaThatIsBehindDoesNotDecideAReset) {
  watch_after(12);
  answer_head(7);
  EXPECT_TRUE(take<StartWatch>().empty());
  answer_head(12);
  EXPECT_FALSE(take<StartWatch>().at(0).reset);
}

/// Nobody announces update 5 to this node any more: it was written before the watch, and the replica does not have it.
TEST_F(RouterTableTest, WhoComesDuringAHeadReadWaitsForTheNext) {
  watch();
  const auto first = take<ReadHead>();
  watch();
  watch();
  EXPECT_TRUE(take<ReadHead>().empty());
  table.on_head(first.at(0).token, usecase::UpdateLog::Head{"e", 1}, now);
  EXPECT_EQ(take<StartWatch>().size(), 1u);
  answer_head(2);
  EXPECT_EQ(take<StartWatch>().size(), 2u);
}

TEST_F(RouterTableTest, AnnouncesInOrderAndTogether) {
  watch();
  answer_head(0);
  announce(2, 2);
  announce(1, 1);
  announce(3, 4);
  table.flush();
  const auto all = take<Announce>();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(seqs(all[0].frames), range(1, 4));
}

TEST_F(RouterTableTest, AnEarlyUpdateGoesOutAfterFiveMilliseconds) {
  watch();
  answer_head(0);
  announce(2, 2);
  EXPECT_TRUE(announced().empty());
  EXPECT_EQ(table.next_due(), now + milliseconds{5});
  pass(milliseconds{5});
  EXPECT_EQ(announced(), range(2, 2));
}

TEST_F(RouterTableTest, PageReadsOfOneRangeAreShared) {
  const auto a = watch_after(0), b = watch_after(0);
  answer_head(9);
  table.read_page(a, PageRequest{1, 1, 9, ReadFrom::replica});
  table.read_page(b, PageRequest{5, 3, 9, ReadFrom::replica});
  const auto reads = take<ReadUpdateRange>();
  ASSERT_EQ(reads.size(), 1u);
  table.on_updates(reads[0].token, LogPage{added_range(1, 9), 9, "e"}, now);
  const auto pages = take<GivePage>();
  ASSERT_EQ(pages.size(), 2u);
  EXPECT_EQ(seqs(pages[0].page.frames), range(1, 9));
  EXPECT_EQ(seqs(pages[1].page.frames), range(3, 9));
  EXPECT_EQ(pages[1].page.request, 5u);
  EXPECT_EQ(metrics.log_pages_read.value(), 1u);
}

TEST_F(RouterTableTest, APageForTheMasterDoesNotShareAReplicasRead) {
  const auto a = watch_after(0), b = watch_after(0);
  answer_head(9);
  table.read_page(a, PageRequest{1, 1, 9, ReadFrom::replica});
  table.read_page(b, PageRequest{1, 1, 9, ReadFrom::master});
  EXPECT_EQ(take<ReadUpdateRange>().size(), 2u);
}

TEST_F(RouterTableTest, APageOfTheTailServesTheNextWatcher) {
  const auto a = watch_after(0);
  answer_head(9);
  table.read_page(a, PageRequest{1, 1, 9, ReadFrom::replica});
  table.on_updates(take<ReadUpdateRange>().at(0).token, LogPage{added_range(1, 9), 9, "e"}, now);
  table.read_page(watch_after(4), PageRequest{1, 5, 9, ReadFrom::replica});
  EXPECT_TRUE(take<ReadUpdateRange>().empty());
}

TEST_F(RouterTableTest, APageThatMeetsTheCacheIsReadUpToIt) {
  const auto who = watch_after(0);
  answer_head(4);
  announce(5, 9);
  table.read_page(who, PageRequest{1, 1, 9, ReadFrom::replica});
  const auto read = take<ReadUpdateRange>().at(0);
  EXPECT_EQ(read.last, 4u);
  table.on_updates(read.token, LogPage{added_range(1, 4), 9, "e"}, now);
  const auto page = take<GivePage>().at(0).page;
  EXPECT_EQ(seqs(page.frames), range(1, 4));
  EXPECT_EQ(page.last, 4u);  // it holds all it was asked for, as far as it looked
}

TEST_F(RouterTableTest, AFrameOfAnotherEpochIsDroppedCountedAndTheLogIsAsked) {
  watch();
  answer_head(9);
  table.on_epoch("f");
  answer_head(4, "f");
  announce(5, 5);  // of the log that was, however late
  EXPECT_TRUE(announced().empty());
  EXPECT_EQ(metrics.bus_foreign.value(), 1u);
  EXPECT_EQ(take<ReadHead>().size(), 1u);
  announce(5, 5, "f");
  EXPECT_EQ(announced(), range(5, 5));
}

TEST_F(RouterTableTest, AFrameOfAnEpochThatIsNotKnownYetBringsItOut) {
  watch();
  answer_head(9);
  announce(3, 3, "f");
  EXPECT_TRUE(announced().empty());
  answer_head(3, "f");  // what the master says
  EXPECT_EQ(take<RestartWatches>().size(), 1u);
  announce(4, 4);  // "e" is foreign from now on
  EXPECT_TRUE(announced().empty());
  EXPECT_EQ(metrics.bus_foreign.value(), 2u);
}

TEST_F(RouterTableTest, AMasterWithLessThanWasAnnouncedRestartsTheChannel) {
  watch();
  answer_head(9);
  take<StartWatch>();
  table.check_log(lobby());
  answer_head(5);
  EXPECT_EQ(take<RestartWatches>().size(), 1u);
  answer_head(5);
  EXPECT_TRUE(take<StartWatch>().at(0).reset);
}

TEST_F(RouterTableTest, TheLogRepairsWhatTheBusLost) {
  watch();
  answer_head(3);
  table.on_growth({lobby(), 5}, now);
  pass(milliseconds{19});
  EXPECT_TRUE(take<ReadUpdateRange>().empty());
  pass(milliseconds{1});
  const auto read = take<ReadUpdateRange>().at(0);
  EXPECT_EQ(read.first, 4u);
  EXPECT_EQ(read.last, 5u);
  table.on_updates(read.token, LogPage{added_range(4, 5), 5, "e"}, now);
  EXPECT_EQ(announced(), range(4, 5));
  EXPECT_EQ(metrics.tail_repairs.value(), 1u);
}

TEST_F(RouterTableTest, WhatTheBusBringsInTimeIsNotRepaired) {
  watch();
  answer_head(3);
  table.on_growth({lobby(), 4}, now);
  announce(4, 4);
  pass(milliseconds{50});
  EXPECT_TRUE(take<ReadUpdateRange>().empty());
  EXPECT_EQ(metrics.tail_repairs.value(), 0u);
}

TEST_F(RouterTableTest, ARepairGoesOnPageByPage) {
  watch();
  answer_head(0);
  table.on_growth({lobby(), 100}, now);
  pass(milliseconds{20});
  auto read = take<ReadUpdateRange>().at(0);
  EXPECT_EQ(read.last, RouterTable::kRepairPage);
  table.on_updates(read.token, LogPage{added_range(1, 64), 100, "e"}, now);
  read = take<ReadUpdateRange>().at(0);
  EXPECT_EQ(read.first, 65u);
  table.on_updates(read.token, LogPage{added_range(65, 100), 100, "e"}, now);
  EXPECT_EQ(announced(), range(1, 100));
  EXPECT_EQ(metrics.tail_repairs.value(), 1u);
}

TEST_F(RouterTableTest, ARepairThatFindsNothingOnAReplicaAsksTheMaster) {
  watch();
  answer_head(0);
  table.on_growth({lobby(), 1}, now);
  pass(milliseconds{20});
  table.on_updates(take<ReadUpdateRange>().at(0).token, LogPage{{}, 0, "e"}, now);
  EXPECT_EQ(take<ReadUpdateRange>().at(0).from, ReadFrom::master);
}

TEST_F(RouterTableTest, AnUnwatchedCacheThatMissedSomethingIsDropped) {
  table.on_epoch("e");
  announce(1, 5);
  EXPECT_EQ(metrics.cached_channels.value(), 1);
  table.on_growth({lobby(), 6}, now);
  pass(milliseconds{20});
  EXPECT_EQ(metrics.cached_channels.value(), 0);
  EXPECT_EQ(table.channels(), 0u);
  EXPECT_TRUE(take<ReadUpdateRange>().empty());
}

TEST_F(RouterTableTest, CachesAreBoundedInNumberLeastRecentlyUsedFirst) {
  RouterTable small{{.tail = {}, .caches = {.bytes = 1 << 20, .channels = 2}}, metrics};
  for (const char* key : {"a", "b"}) small.announce(added(1, 1, lobby(key)), now);
  small.announce(added(2, 2, lobby("a")), now);
  small.announce(added(1, 1, lobby("c")), now);
  EXPECT_EQ(small.channels(), 2u);
  EXPECT_NE(small.find(lobby("a")), nullptr);
  EXPECT_EQ(small.find(lobby("b")), nullptr);
}

TEST_F(RouterTableTest, ARemovedTextIsGoneFromTheCache) {
  watch();
  answer_head(0);
  const auto frame = added(1, 70);
  table.announce(frame, now);
  table.announce(deleted(2, 70), now);
  EXPECT_FALSE(shows_text(frame));
}

TEST_F(RouterTableTest, APageReadBeforeARemovalShowsNoTextAfterIt) {
  const auto who = watch_after(0);
  answer_head(1);
  table.read_page(who, PageRequest{1, 1, 1, ReadFrom::replica});
  const auto read = take<ReadUpdateRange>().at(0);
  table.announce(deleted(2, 70), now);
  table.on_updates(read.token, LogPage{FrameBatch{added(1, 70)}, 1, "e"}, now);
  EXPECT_FALSE(shows_text(take<GivePage>().at(0).page.frames.at(0)));
}

TEST_F(RouterTableTest, AReplacedLogRestartsEveryWatchWithReset) {
  watch();
  answer_head(9);
  take<StartWatch>();
  table.on_epoch("f");
  ASSERT_EQ(take<RestartWatches>().size(), 1u);
  answer_head(4, "f");
  const auto start = take<StartWatch>().at(0);
  EXPECT_TRUE(start.reset);
  EXPECT_EQ(start.epoch, "f");
  EXPECT_EQ(start.head, 4u);
}

TEST_F(RouterTableTest, AnAnswerOfTheReplacedLogIsIgnored) {
  const auto who = watch_after(0);
  answer_head(9);
  table.read_page(who, PageRequest{1, 1, 9, ReadFrom::replica});
  const auto read = take<ReadUpdateRange>().at(0);
  table.on_epoch("f");
  table.on_updates(read.token, LogPage{added_range(1, 9), 9, "e"}, now);
  EXPECT_TRUE(take<GivePage>().empty());
}

TEST_F(RouterTableTest, ALogThatCannotBeReadEndsTheWatchesThatWait) {
  const auto who = watch();
  table.on_head(take<ReadHead>().at(0).token, std::nullopt, now);
  EXPECT_EQ(take<CloseWatch>().at(0).to, who);
}

TEST_F(RouterTableTest, ALookReadsTheMastersHead) {
  watch();
  answer_head(3);
  table.check_log(lobby());
  table.check_log(lobby("unknown"));
  const auto reads = take<ReadHead>();
  ASSERT_EQ(reads.size(), 1u);
  EXPECT_EQ(reads[0].from, ReadFrom::master);
  table.on_head(reads[0].token, usecase::UpdateLog::Head{"e", 4}, now);
  pass(milliseconds{20});
  EXPECT_EQ(take<ReadUpdateRange>().size(), 1u);
}

TEST_F(RouterTableTest, LooksAreBoundedAtOnceAndAllComeTrue) {
  for (int i = 0; i < 30; ++i) watch(std::nullopt, lobby("c" + std::to_string(i)));
  answer_head(1);
  table.look_at_log_everywhere();
  std::size_t looked = 0;
  for (auto reads = take<ReadHead>(); !reads.empty(); reads = take<ReadHead>()) {
    EXPECT_LE(reads.size(), RouterTable::kMaxLooks);
    looked += reads.size();
    for (const auto& read : reads) table.on_head(read.token, usecase::UpdateLog::Head{"e", 1}, now);
  }
  EXPECT_EQ(looked, 30u);
}

TEST_F(RouterTableTest, NothingIsLeftOfWatchersThatLeft) {
  std::vector<RegistrationPtr> all;
  for (int i = 0; i < 10; ++i) all.push_back(watch());
  answer_head(0);
  for (const auto& who : all) table.unwatch(who);
  answer_head(0);
  EXPECT_EQ(metrics.router_entries.value(), 0);
  EXPECT_EQ(table.channels(), 0u);
  table.unwatch(all[0]);
  EXPECT_EQ(metrics.router_entries.value(), 0);
}

}  // namespace
}  // namespace danwa::delivery
