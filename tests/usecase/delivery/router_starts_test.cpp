#include <gtest/gtest.h>

#include "router_table_fixture.hpp"

namespace danwa::delivery {
namespace {

using usecase::ReadFrom;

using RouterStartsTest = RouterTableTest;

/// A watcher whose access check has found `head` of the log.
RegistrationPtr checked(std::optional<domain::Cursor> after, domain::Cursor head) {
  return std::make_shared<Registration>(
      usecase::WatchedChannel{tests::lobby(), std::move(after), ReadFrom::replica, std::move(head)});
}

TEST_F(RouterStartsTest, AWatcherStartsAtTheHeadThatItsAccessCheckHasFound) {
  table.on_epoch("e");
  table.watch(checked(domain::Cursor{"e", 3}, {"e", 5}), now, 0);
  table.watch(checked(std::nullopt, {"e", 5}), now, 0);
  const auto starts = take<StartWatch>();
  ASSERT_EQ(starts.size(), 2U);
  EXPECT_EQ(starts[0].head, 5U);
  EXPECT_EQ(starts[1].head, 5U);
  EXPECT_TRUE(take<ReadHead>().empty());
  announce(6, 7);
  EXPECT_EQ(announced(), (std::vector<domain::Seq>{6, 7}));
  table.watch(checked(std::nullopt, {"e", 6}), now, 0);  // behind what was announced here
  EXPECT_EQ(take<StartWatch>().at(0).head, 7U);
  EXPECT_TRUE(take<ReadHead>().empty());
}

TEST_F(RouterStartsTest, ACheckedHeadBeyondWhatTheBusHasBroughtIsRepaired) {
  table.on_epoch("e");
  announce(5, 5);
  table.watch(checked(domain::Cursor{"e", 5}, {"e", 9}), now, 0);
  EXPECT_EQ(take<StartWatch>().at(0).head, 9U);
  pass(RouterTable::kRepairAfter);
  const auto repairs = take<ReadUpdateRange>();
  ASSERT_EQ(repairs.size(), 1U);
  EXPECT_EQ(repairs[0].first, 6U);
  EXPECT_EQ(repairs[0].last, 9U);
}

TEST_F(RouterStartsTest, BehindACheckedHeadTheNodeRepairsWhatItWasToldMeanwhile) {
  table.on_epoch("e");
  table.on_growth({tests::lobby(), 6}, now);  // the channel is not known here yet
  table.watch(checked(domain::Cursor{"e", 5}, {"e", 5}), now, 6);
  EXPECT_EQ(take<StartWatch>().at(0).head, 5U);
  pass(RouterTable::kRepairAfter);
  EXPECT_EQ(take<ReadUpdateRange>().at(0).first, 6U);

  table.watch(checked(domain::Cursor{"e", 5}, {"e", 5}), now);  // nobody has listened
  EXPECT_EQ(take<ReadHead>().size(), 1U);
}

TEST_F(RouterStartsTest, ACheckedHeadThatDoesNotDecideIsReadAfresh) {
  table.watch(checked(std::nullopt, {"e", 5}), now, 0);  // the epoch is not known yet
  EXPECT_EQ(take<ReadHead>().size(), 1U);
  table.on_epoch("e");
  take<ReadHead>();
  table.watch(checked(std::nullopt, {"former", 5}), now, 0);
  table.watch(checked(domain::Cursor{"e", 6}, {"e", 5}), now, 0);  // perhaps only newer than the check
  EXPECT_TRUE(take<StartWatch>().empty());
}

TEST_F(RouterStartsTest, AStartAtAReplicaThatIsBehindIsFollowedByTheMastersHead) {
  RouterTable::Options options;
  options.replicas = true;
  RouterTable behind{options, metrics};
  const auto heads = [&behind] {
    std::vector<ReadHead> all;
    for (auto& effect : std::exchange(behind.effects(), {})) {
      if (auto* head = std::get_if<ReadHead>(&effect)) all.push_back(std::move(*head));
    }
    return all;
  };
  behind.watch(std::make_shared<Registration>(usecase::WatchedChannel{tests::lobby(), std::nullopt}), now);
  const auto first = heads();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].from, ReadFrom::replica);
  behind.on_head(first[0].token, usecase::UpdateLog::Head{"e", 4}, now);
  const auto second = heads();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].from, ReadFrom::master);
  behind.on_head(second[0].token, usecase::UpdateLog::Head{"e", 5}, now);
  EXPECT_TRUE(heads().empty());
  behind.tick(now + RouterTable::kRepairAfter);
  const auto* const repair = std::get_if<ReadUpdateRange>(&behind.effects().at(0));
  ASSERT_NE(repair, nullptr);
  EXPECT_EQ(repair->first, 5u);
}

}  // namespace
}  // namespace danwa::delivery
