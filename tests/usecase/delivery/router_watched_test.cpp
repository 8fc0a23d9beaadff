#include <gtest/gtest.h>

#include "frames.hpp"
#include "usecase/delivery/router_table.hpp"

namespace danwa::delivery {
namespace {

using namespace tests;

/// What the bus is told, e.g. "+lobby -lobby", and what else an ephemeral frame leads to.
struct RouterWatched : testing::Test {
  RegistrationPtr watch(const char* key) {
    auto who = std::make_shared<Registration>(usecase::WatchedChannel{lobby(key), domain::Cursor{{}, 0}});
    table.watch(who, now);
    return who;
  }
  std::string told() {
    std::string all;
    for (const auto& effect : table.effects()) {
      if (const auto* on = std::get_if<ChannelWatched>(&effect)) all += '+' + on->channel.key + ' ';
      if (const auto* off = std::get_if<ChannelUnwatched>(&effect)) all += '-' + off->channel.key + ' ';
    }
    return all;
  }
  static FramePtr presence(const char* key) { return tests::ephemeral(lobby(key)); }

  DeliveryFigures metrics;
  Time now{std::chrono::hours{1}};
  RouterTable table{{}, metrics};
};

TEST_F(RouterWatched, TellsTheFirstAndTheLastWatcherOfEachChannel) {
  const auto a = watch("a"), b = watch("b"), again = watch("a");
  EXPECT_EQ(told(), "+a +b ");
  EXPECT_EQ(table.watched().size(), 2U);
  table.clear_effects();
  table.unwatch(a);
  table.unwatch(a);
  EXPECT_EQ(told(), "");
  table.unwatch(again);
  table.unwatch(b);
  EXPECT_EQ(told(), "-a -b ");
  EXPECT_TRUE(table.watched().empty());
}

TEST_F(RouterWatched, ARestartChangesNothing) {
  watch("a");
  table.on_epoch("e");
  table.on_epoch("f");
  EXPECT_EQ(told(), "+a ");
}

TEST_F(RouterWatched, AnEphemeralFrameGoesToTheWatchersAndNowhereElse) {
  watch("a");
  table.clear_effects();
  table.announce(presence("a"), now);
  table.announce(presence("nobody"), now);
  ASSERT_EQ(table.effects().size(), 1U);
  const auto& announce = std::get<Announce>(table.effects().front());
  EXPECT_EQ(announce.to->size(), 1U);
  EXPECT_EQ(announce.frames.size(), 1U);
  EXPECT_FALSE(table.find(lobby("a"))->order.known());
  EXPECT_TRUE(table.find(lobby("a"))->tail.empty());
  EXPECT_EQ(table.find(lobby("nobody")), nullptr);
  EXPECT_FALSE(table.gathered());
}

TEST_F(RouterWatched, AHeadReadBeforeTheChannelWasForgottenDecidesNothing) {
  RouterTable small{{.tail = {}, .caches = {.bytes = 1 << 20, .channels = 1}}, metrics};
  small.on_epoch("e");
  const auto gone = std::make_shared<Registration>(usecase::WatchedChannel{lobby("a"), std::nullopt});
  small.watch(gone, now);
  const auto old = std::get<ReadHead>(small.effects().back()).token;
  small.unwatch(gone);
  small.announce(added(43, 43, lobby("a")), now);
  small.announce(added(1, 1, lobby("b")), now);  // takes the place of a in the caches
  small.on_head(old, usecase::UpdateLog::Head{"e", 42}, now);
  small.clear_effects();
  small.watch(std::make_shared<Registration>(usecase::WatchedChannel{lobby("a"), domain::Cursor{{}, 42}}), now);
  EXPECT_TRUE(std::holds_alternative<ReadHead>(small.effects().back()));  // not a start at 42
}

TEST_F(RouterWatched, TheFirstWatcherOfACachedChannelStartsAtOnceAndTheLogIsLookedAt) {
  table.on_epoch("e");
  table.announce(added(42, 42, lobby("a")), now);
  const auto starts_with_42 = [this] {
    table.watch(std::make_shared<Registration>(usecase::WatchedChannel{lobby("a"), domain::Cursor{{}, 42}}), now);
  };
  starts_with_42();
  ASSERT_EQ(table.effects().size(), 3U);
  EXPECT_EQ(std::get<StartWatch>(table.effects().at(1)).head, 42U);
  EXPECT_EQ(std::get<ReadHead>(table.effects().at(2)).from, usecase::ReadFrom::master);
  table.clear_effects();
  starts_with_42();
  EXPECT_EQ(table.effects().size(), 1U);  // who comes next needs no look
}

TEST(RouterTableEpoch, IsKnownBeforeTheFirstRead) {
  DeliveryFigures metrics;
  RouterTable::Options options;
  options.epoch = "f";
  RouterTable started{options, metrics};
  const Time now{std::chrono::hours{1}};
  started.announce(added(1), now);
  EXPECT_EQ(metrics.bus_foreign.value(), 1u);
  EXPECT_EQ(started.channels(), 0u);
  started.announce(added(1, 0, lobby(), "f"), now);
  EXPECT_EQ(metrics.bus_foreign.value(), 1u);
}

}  // namespace
}  // namespace danwa::delivery
