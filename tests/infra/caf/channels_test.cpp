#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>

#include "infra/caf/caf_node.hpp"
#include "support/frames.hpp"
#include "support/in_memory_update_log.hpp"
#include "support/io_thread_count.hpp"
#include "support/quiet_logger.hpp"
#include "support/wait_for.hpp"
#include "test_transport.hpp"

namespace danwa::caf {
namespace {

using namespace tests;
using delivery::FrameKind;
using delivery::WatchCloseReason;
using std::chrono::milliseconds;

/// Answers as the test says. Thread safe.
struct Rights final : usecase::AccessCheck {
  usecase::Async<domain::Result<Answer>> check(usecase::AccessGuard guard) override {
    ++asked;
    if (!available) co_return domain::fail(domain::unavailable("database-busy", "The database cannot answer now."));
    co_return Answer{allowed, guard.checked_through + 100};
  }
  std::atomic<bool> allowed{true}, available{true};
  std::atomic<int> asked{0};
};

/// What a bus of other nodes is told. Thread safe.
struct ToldBus final : delivery::PeerBus {
  void broadcast(delivery::FramePtr) override {}
  void broadcast_presence(std::string) override {}
  void tell(const delivery::PeerAddress&, std::string) override {}
  void watched(const domain::ChannelKey& channel) override {
    const std::scoped_lock lock{mutex};
    EXPECT_TRUE(channels.insert(channel.key).second) << channel.key;
  }
  void unwatched(const domain::ChannelKey& channel) override {
    const std::scoped_lock lock{mutex};
    EXPECT_EQ(channels.erase(channel.key), 1U) << channel.key;
  }
  std::set<std::string> now() {
    const std::scoped_lock lock{mutex};
    return channels;
  }
  std::mutex mutex;
  std::set<std::string> channels;
};

/// A node over a log in memory; its watchers watch inboxes as one, or a room under guard.
struct ChannelsTest : testing::Test {
  struct Watching {
    Watching(CafNode& node, usecase::Watch watch) : subscription{node.feed().watch(std::move(watch), transport)} {}
    ~Watching() { transport->stop_reading(); }
    void read_on() { transport->read_on(*subscription); }
    std::shared_ptr<TestTransport> transport = std::make_shared<TestTransport>();
    std::unique_ptr<delivery::Subscription> subscription;
  };

  CafNode& start(usecase::AccessCheck* access, milliseconds patience = milliseconds{30'000}) {
    NodeOptions options;
    options.name = "node-1";
    options.access = access;
    options.log_patience = patience;
    node.emplace(options, threads, updates, logger, metrics);
    return *node;
  }
  static domain::ChannelKey inbox(std::string user) {
    return domain::ChannelKey::inbox(company(), domain::UserId::trusted(std::move(user)));
  }
  static usecase::Watch inboxes(std::size_t count) {
    usecase::Watch watch;
    watch.merged = true;
    for (std::size_t i = 0; i < count; ++i) {
      watch.channels.push_back({inbox("u" + std::to_string(i)), domain::Cursor{{}, 0}});
    }
    return watch;
  }
  usecase::Watch guarded() {
    auto watch = usecase::Watch::of(room, domain::Cursor{{}, 0});
    watch.guard = usecase::AccessGuard{company(), conversation(), domain::UserId::trusted("bob"), 0};
    return watch;
  }
  void publish(const domain::ChannelKey& channel, domain::UpdateBody body) {
    domain::Update update{channel, 0, at(0), std::move(body)};
    {
      const std::scoped_lock lock{log.mutex};
      update.seq = log.append(channel, update.occurred_at, update.body);
    }
    node->bus_listener().on_frame(tests::encode_update(update));
  }
  void notify(const domain::ChannelKey& channel) {
    publish(channel, domain::NotificationAdded{{}, user(), domain::NotificationText::trusted("hi")});
  }
  void bob_leaves() {
    const auto bob = domain::UserId::trusted("bob");
    publish(room, domain::MemberRemoved{{}, bob, bob});
  }

  domain::ChannelKey room = domain::ChannelKey::conversation(company(), conversation());
  InMemoryLog log;
  InMemoryUpdateLog updates{log};
  QuietLogger logger;
  adapters::Metrics metrics;
  Rights rights;
  ToldBus bus;
  net::IoThreads threads{io_thread_count()};
  std::optional<CafNode> node;
};

TEST_F(ChannelsTest, AMergedWatchGetsEveryUpdateOfEveryInboxInOrder) {
  start(nullptr);
  notify(inbox("u3"));
  Watching w{*node, inboxes(10)};
  w.read_on();
  for (int i = 0; i < 300; ++i) notify(inbox("u" + std::to_string(i % 10)));
  ASSERT_TRUE(wait_for([&] { return w.transport->seqs().size() == 301; }));
  const auto first = w.transport->frames().front();
  const auto& watching = std::get<delivery::Watching>(first->content());
  EXPECT_EQ(std::get<delivery::MergedPosition>(watching.position).cursor.seqs.size(), 10U);
  std::map<std::string, domain::Seq> next;
  for (const auto& frame : w.transport->frames()) {
    if (frame->kind() != FrameKind::update) continue;
    EXPECT_EQ(frame->seq(), ++next[frame->channel().key]);
  }
  EXPECT_EQ(next.at("u3"), 31U);
  EXPECT_EQ(metrics.router_entries.value(), 10);
  EXPECT_EQ(metrics.watchers_live.value(), 1);
}

TEST_F(ChannelsTest, NothingIsLeftOfAMergedWatchThatEnds) {
  start(nullptr);
  { Watching w{*node, inboxes(66)}; }
  EXPECT_TRUE(wait_for([&] { return metrics.subscriber_actors.value() == 0 && metrics.router_entries.value() == 0; }));
}

TEST_F(ChannelsTest, WhoLeavesIsShutOutThoughTheTransportNeverReads) {
  start(&rights);
  rights.allowed = false;
  Watching w{*node, guarded()};
  ASSERT_TRUE(wait_for([&] { return metrics.watchers_live.value() == 1; }));
  notify(room);
  EXPECT_EQ(rights.asked, 0);
  bob_leaves();
  EXPECT_TRUE(wait_for([&] { return w.transport->ended() == WatchCloseReason::forbidden; }, milliseconds{1000}));
}

TEST_F(ChannelsTest, WhoIsStillAllowedGoesOn) {
  start(&rights);
  Watching w{*node, guarded()};
  w.read_on();
  ASSERT_TRUE(wait_for([&] { return metrics.watchers_live.value() == 1; }));  // its head is read: 0, not yet 1 or 2
  bob_leaves();
  notify(room);
  EXPECT_TRUE(wait_for([&] { return w.transport->seqs().size() == 2; }));
  EXPECT_EQ(rights.asked, 1);
}

TEST_F(ChannelsTest, ARightThatCannotBeLookedUpIsAskedForAgain) {
  start(&rights);
  rights.available = false;
  Watching w{*node, guarded()};
  w.read_on();
  bob_leaves();
  notify(room);
  ASSERT_TRUE(wait_for([&] { return rights.asked >= 3; }));
  EXPECT_LE(w.transport->seqs().size(), 1U);
  rights.available = true;
  EXPECT_TRUE(wait_for([&] { return w.transport->seqs().size() == 2; }));
}

TEST_F(ChannelsTest, ARightThatCannotBeLookedUpForTooLongEndsTheWatch) {
  start(&rights, milliseconds{100});
  rights.available = false;
  Watching w{*node, guarded()};
  ASSERT_TRUE(wait_for([&] { return metrics.watchers_live.value() == 1; }));
  bob_leaves();
  EXPECT_TRUE(wait_for([&] { return w.transport->ended() == WatchCloseReason::unavailable; }));
}

TEST_F(ChannelsTest, AGuardedWatchEndsWhereNobodyCanLookUpRights) {
  start(nullptr);
  const Watching w{*node, guarded()};
  EXPECT_EQ(w.transport->ended(), WatchCloseReason::unavailable);
}

TEST_F(ChannelsTest, TheBusIsToldWhichChannelsAreWatchedAlsoWhenItComesLate) {
  start(nullptr);
  {
    const Watching before{*node, inboxes(3)};
    ASSERT_TRUE(wait_for([&] { return metrics.router_entries.value() == 3; }));
    node->join(&bus);
    EXPECT_EQ(bus.now(), (std::set<std::string>{"u0", "u1", "u2"}));
    const Watching after{*node, inboxes(5)};
    EXPECT_TRUE(wait_for([&] { return bus.now().size() == 5; }));
  }
  EXPECT_TRUE(wait_for([&] { return bus.now().empty(); }));
  node->join(nullptr);
  const Watching unknown{*node, inboxes(1)};
  ASSERT_TRUE(wait_for([&] { return metrics.router_entries.value() == 1; }));
  EXPECT_TRUE(bus.now().empty());
}

TEST_F(ChannelsTest, AnEphemeralFrameOfTheBusReachesTheWatchers) {
  start(nullptr);
  Watching w{*node, inboxes(2)};
  w.read_on();
  ASSERT_TRUE(wait_for([&] { return !w.transport->frames().empty(); }));
  node->bus_listener().on_frame(tests::ephemeral(inbox("u1")));
  EXPECT_TRUE(wait_for([&] { return w.transport->frames().back()->kind() == FrameKind::ephemeral; }));
  EXPECT_TRUE(w.transport->seqs().empty());
}

}  // namespace
}  // namespace danwa::caf
