#include "router_table_fixture.hpp"

// A channel with a crowd of watchers has one announcement on its way at a time.

namespace danwa::delivery {
namespace {

using tests::ephemeral;
using tests::lobby;
using tests::seqs;

/// A channel with three watchers, where more than two are a crowd.
struct RouterCrowd : RouterTableTest {
  RouterCrowd() {
    crowd.on_epoch("e");
    for (std::size_t i = 0; i < 3; ++i) add_watcher();
    say(1, 1);
  }
  void add_watcher() {
    watchers.push_back(std::make_shared<Registration>(usecase::WatchedChannel{lobby(), domain::Cursor{{}, 0}}));
    crowd.watch(watchers.back(), now);
    crowd.clear_effects();
  }
  void say(domain::Seq first, domain::Seq last) {
    for (const auto& frame : tests::added_range(first, last)) crowd.announce(frame, now);
    crowd.flush();
  }
  /// The announcements since the last call, each with its updates.
  std::vector<Announce> announcements() {
    std::vector<Announce> all;
    for (auto& effect : crowd.effects()) {
      if (auto* one = std::get_if<Announce>(&effect)) all.push_back(std::move(*one));
    }
    crowd.clear_effects();
    return all;
  }

  std::vector<RegistrationPtr> watchers;
  RouterTable crowd{{.tail = {}, .caches = {}, .epoch = {}, .crowd = 2}, metrics};
};

using Seqs = std::vector<domain::Seq>;

TEST_F(RouterCrowd, GetsTheNextAnnouncementWhenAllHaveHadTheirTurn) {
  ASSERT_EQ(announcements().size(), 1U);
  say(2, 2);
  say(3, 4);
  EXPECT_TRUE(announcements().empty());
  EXPECT_FALSE(crowd.gathered());  // nothing to do before the answer
  crowd.on_announced(lobby());
  const auto next = announcements();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(seqs(next.at(0).frames), (Seqs{2, 3, 4}));
  EXPECT_EQ(next.at(0).crowd, lobby());
  crowd.on_announced(lobby());
  EXPECT_TRUE(announcements().empty());
  say(5, 5);
  EXPECT_EQ(announcements().size(), 1U);
}

TEST_F(RouterCrowd, GetsTheNewestIfMoreGatheredThanASubscriberHolds) {
  announcements();
  say(2, 40);
  crowd.on_announced(lobby());
  const auto next = announcements();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next.at(0).frames.size(), RouterTable::kMaxOutbox);
  EXPECT_EQ(next.at(0).frames.back()->seq(), 40U);
  crowd.read_page(watchers.at(0), PageRequest{.id = 1, .first = 2, .last = 24, .from = {}});
  EXPECT_EQ(std::get<GivePage>(crowd.effects().back()).page.frames.front()->seq(), 2U);  // the others are a page away
}

TEST_F(RouterCrowd, GetsTheLatestEphemeralFrameAfterTheUpdates) {
  announcements();
  const auto latest = ephemeral(lobby());
  crowd.announce(ephemeral(lobby()), now);
  crowd.announce(latest, now);
  say(2, 2);
  crowd.on_announced(lobby());
  ASSERT_EQ(announcements().size(), 1U);
  crowd.on_announced(lobby());
  const auto next = announcements();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next.at(0).frames.at(0), latest);
  EXPECT_EQ(crowd.find(lobby())->ephemeral, nullptr);
}

TEST_F(RouterCrowd, ThatHasGoneLeavesNothingBehind) {
  announcements();
  say(2, 2);
  for (const auto& who : watchers) crowd.unwatch(who);
  crowd.on_announced(lobby());
  EXPECT_TRUE(announcements().empty());
  add_watcher();
  say(3, 3);
  EXPECT_EQ(seqs(announcements().at(0).frames), Seqs{3});
}

TEST_F(RouterCrowd, LosesWhatGatheredWhenTheLogIsReplaced) {
  announcements();
  say(2, 2);
  crowd.on_epoch("f");
  crowd.on_announced(lobby());
  EXPECT_TRUE(announcements().empty());
}

TEST_F(RouterCrowd, IsNoneWhileTheyAreFew) {
  crowd.on_announced(lobby());
  announcements();
  crowd.unwatch(watchers.at(0));
  say(2, 2);
  say(3, 3);
  const auto both = announcements();
  ASSERT_EQ(both.size(), 2U);
  EXPECT_FALSE(both.at(0).crowd.has_value());
}

}  // namespace
}  // namespace danwa::delivery
