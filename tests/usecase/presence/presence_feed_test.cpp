#include "usecase/presence/presence_hub.hpp"

#include <gtest/gtest.h>

#include "people.hpp"
#include "support/frames.hpp"

namespace danwa::presence {
namespace {

using namespace tests;

struct FakeFeed final : delivery::UpdateFeed {
  struct Hold final : delivery::Subscription {
    void ready() override {}
  };
  std::unique_ptr<delivery::Subscription> watch(usecase::Watch, std::weak_ptr<delivery::Watcher> watcher) override {
    watchers.push_back(std::move(watcher));
    return std::make_unique<Hold>();
  }
  void deliver(delivery::FrameBatch frames) { watchers.back().lock()->deliver(std::move(frames)); }
  std::vector<std::weak_ptr<delivery::Watcher>> watchers;
};

struct Transport final : delivery::Watcher {
  void deliver(delivery::FrameBatch batch) override { batches.push_back(std::move(batch)); }
  void end(delivery::WatchCloseReason reason) override { ended = reason; }
  std::vector<delivery::FrameBatch> batches;
  std::optional<delivery::WatchCloseReason> ended;
};

class PresenceFeedTest : public testing::Test {
 protected:
  std::unique_ptr<delivery::Subscription> watch(std::optional<domain::UserId> who) {
    auto watch = usecase::Watch::of(room(), std::nullopt);
    watch.presence = std::move(who);
    return feed_.watch(std::move(watch), transport_);
  }
  Names present() { return names(hub_.known(room(), std::nullopt, 100)->users); }
  static delivery::FramePtr update() { return tests::raw_frame(room(), 1, "{}"); }
  static delivery::FramePtr stale() { return tests::encode_presence(room(), {}); }

  delivery::DeliveryFigures metrics_;
  PresenceHub hub_{{.self = {"a", 1}, .figures = metrics_, .encoder = adapters::json_frames()}};
  FakeFeed inner_;
  PresenceFeed feed_{inner_, hub_};
  std::shared_ptr<Transport> transport_ = std::make_shared<Transport>();
};

TEST_F(PresenceFeedTest, AWatchIsAPresenceFromItsStartToTheEndOfItsSubscription) {
  auto first = watch(person("alice"));
  auto second = watch(person("alice"));
  EXPECT_EQ(present(), Names{"alice"});
  first.reset();
  EXPECT_EQ(present(), Names{"alice"});
  second.reset();
  EXPECT_EQ(present(), Names{});
}

TEST_F(PresenceFeedTest, AWatchThatTheFeedEndsIsNoPresenceAnyMore) {
  const auto subscription = watch(person("alice"));
  inner_.watchers.back().lock()->end(delivery::WatchCloseReason::forbidden);
  EXPECT_EQ(present(), Names{});
  EXPECT_EQ(transport_->ended, delivery::WatchCloseReason::forbidden);
}

TEST_F(PresenceFeedTest, AWatchWithoutAPersonIsNoPresence) {
  const auto subscription = watch(std::nullopt);
  EXPECT_EQ(present(), Names{});
}

TEST_F(PresenceFeedTest, TheFirstBatchThatHasRoomShowsWhoIsThere) {
  const auto subscription = watch(person("alice"));
  const auto other = watch(person("bob"));
  inner_.deliver(delivery::FrameBatch(16, update()));
  inner_.deliver({update()});
  inner_.deliver({update()});
  ASSERT_EQ(transport_->batches.size(), 3U);
  EXPECT_EQ(transport_->batches[0].size(), 16U);
  ASSERT_EQ(transport_->batches[1].size(), 2U);
  EXPECT_NE(transport_->batches[1][1]->json().find(R"("users":["alice","bob"])"), std::string_view::npos);
  EXPECT_EQ(transport_->batches[2].size(), 1U);
}

TEST_F(PresenceFeedTest, WhoIsAloneIsShownNothing) {
  const auto subscription = watch(person("alice"));
  inner_.deliver({update()});
  EXPECT_EQ(transport_->batches[0].size(), 1U);
}

TEST_F(PresenceFeedTest, AFrameThatWasOvertakenIsReplacedByTheNewest) {
  const auto subscription = watch(person("alice"));
  inner_.deliver({update(), stale()});
  ASSERT_EQ(transport_->batches[0].size(), 2U);
  EXPECT_NE(transport_->batches[0][1]->json().find(R"("users":["alice"])"), std::string_view::npos);
}

TEST_F(PresenceFeedTest, InboxesAreLeftAlone) {
  auto watch = usecase::Watch::of(domain::ChannelKey::inbox(domain::CompanyId::trusted("acme"), person("bob")), {});
  const auto subscription = feed_.watch(std::move(watch), transport_);
  EXPECT_EQ(inner_.watchers.back().lock(), transport_);
}

}  // namespace
}  // namespace danwa::presence
