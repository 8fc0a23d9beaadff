#include "infra/caf/caf_node.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>

#include "support/comments.hpp"
#include "support/in_memory_update_log.hpp"
#include "support/io_thread_count.hpp"
#include "support/quiet_logger.hpp"
#include "support/wait_for.hpp"
#include "test_transport.hpp"

namespace danwa::caf {
namespace {

using namespace tests;
using delivery::FrameKind;
using std::chrono::milliseconds;
using usecase::Delivery;

std::vector<domain::Seq> numbers(domain::Seq first, domain::Seq last) {
  std::vector<domain::Seq> all(last + 1 - first);
  std::iota(all.begin(), all.end(), first);
  return all;
}

/// A node over a log in memory. `post` is what a use case does; `look` what the log's tail does.
struct CafNodeTest : testing::Test {
  struct Watching {
    Watching() = default;
    Watching(Watching&&) = default;
    Watching& operator=(Watching&&) = default;
    ~Watching() {
      if (transport) transport->stop_reading();  // it must not use the subscription that goes
    }
    std::shared_ptr<TestTransport> transport = std::make_shared<TestTransport>();
    std::unique_ptr<delivery::Subscription> subscription;
  };

  CafNode& start(NodeOptions options = {}) {
    options.name = "node-1";
    node.emplace(options, threads, updates, logger, metrics);
    return *node;
  }
  static domain::ChannelKey channel(std::string key = "lobby") {
    return domain::ChannelKey::conversation(company(), conversation(std::move(key)));
  }
  Watching watch(std::optional<domain::Seq> after = std::nullopt, Delivery delivery = Delivery::complete,
                 std::string key = "lobby") {
    Watching w;
    std::optional<domain::Cursor> cursor;
    if (after) cursor = domain::Cursor{std::nullopt, *after};
    w.subscription = node->feed().watch(usecase::Watch::of(channel(std::move(key)), cursor, delivery), w.transport);
    return w;
  }
  Watching read(std::optional<domain::Seq> after = std::nullopt, Delivery delivery = Delivery::complete,
                std::string key = "lobby") {
    auto w = watch(after, delivery, std::move(key));
    w.transport->read_on(*w.subscription);
    EXPECT_TRUE(wait_for([&] { return !w.transport->frames().empty(); }));
    return w;
  }
  domain::CommentSent write(std::string key = "lobby") {
    const std::scoped_lock lock{log.mutex};
    auto made = comment(++made_);
    made.conversation = conversation(std::move(key));
    made.seq = log.append(channel(made.conversation.value()), made.created_at,
                          domain::CommentAdded{made.id, made.author, made.content, std::nullopt});
    return {made};
  }
  void post(std::string key = "lobby") { node->events().publish(write(std::move(key)), log.epoch); }
  void look(std::string key = "lobby") {
    const usecase::TailListener::Growth growth{channel(key), log.head(channel(key))};
    node->tail_listener().on_growth({&growth, 1});
  }
  bool sees(const Watching& w, const std::vector<domain::Seq>& wanted) {
    return wait_for([&] { return w.transport->seqs() == wanted; }, milliseconds{5000});
  }

  InMemoryLog log;
  InMemoryUpdateLog updates{log};
  QuietLogger logger;
  adapters::Metrics metrics;
  net::IoThreads threads{io_thread_count()};
  std::optional<CafNode> node;
  std::uint64_t made_ = 0;
};

TEST_F(CafNodeTest, AWatcherGetsWatchingThenEveryUpdateInOrder) {
  start();
  write();
  const auto w = read();
  const auto first = w.transport->frames().at(0);
  EXPECT_EQ(first->kind(), FrameKind::watching);
  EXPECT_NE(first->json().find(R"("cursor":"0123456789abcdef0123456789abcdef:1","node":"node-1")"),
            std::string_view::npos);
  for (int i = 0; i < 100; ++i) post();
  EXPECT_TRUE(sees(w, numbers(2, 101)));
}

TEST_F(CafNodeTest, AWatcherOfAnotherConversationGetsNothing) {
  start();
  const auto other = read(std::nullopt, Delivery::complete, "kitchen"), w = read();
  for (int i = 0; i < 20; ++i) post();
  EXPECT_TRUE(sees(w, numbers(1, 20)));
  EXPECT_TRUE(other.transport->seqs().empty());
}

TEST_F(CafNodeTest, AfterReadsTheLogThenGoesOnLive) {
  start();
  for (int i = 0; i < 50; ++i) write();
  const auto w = read(3);
  EXPECT_TRUE(sees(w, numbers(4, 50)));
  post();
  EXPECT_TRUE(sees(w, numbers(4, 51)));
}

TEST_F(CafNodeTest, SeventeenUpdatesIntoATransportThatIsNotReady) {
  start();
  const auto complete = watch(0), latest = watch(0, Delivery::latest);
  ASSERT_TRUE(wait_for([&] { return metrics.watchers_live.value() == 2; }));
  for (int i = 0; i < 17; ++i) post();
  ASSERT_TRUE(wait_for([&] { return metrics.ring_drops.value() == 2; }));
  for (const auto* w : {&complete, &latest}) w->transport->read_on(*w->subscription);
  EXPECT_TRUE(sees(complete, numbers(1, 17)));
  EXPECT_TRUE(sees(latest, numbers(2, 17)));
  EXPECT_EQ(latest.transport->frames().at(1)->kind(), FrameKind::missed);
  EXPECT_EQ(metrics.updates_missed.value(), 1u);
}

TEST_F(CafNodeTest, TheTailRepairsWhatTheBusNeverBrought) {
  start({.publish = false});
  const auto w = read(0);
  for (int i = 0; i < 200; ++i) post();
  look();
  EXPECT_TRUE(sees(w, numbers(1, 200)));
  EXPECT_GE(metrics.tail_repairs.value(), 1u);
}

TEST_F(CafNodeTest, ReconnectsInsideTheCacheReadNothingFromTheLog) {
  start();
  const auto w = read(0);
  for (int i = 0; i < 100; ++i) post();
  ASSERT_TRUE(sees(w, numbers(1, 100)));
  const auto pages = metrics.log_pages_read.value();
  {
    const std::scoped_lock lock{log.mutex};
    log.available = false;
  }
  std::vector<Watching> again;
  for (domain::Seq after = 0; after < 100; ++after) again.push_back(read(after));
  for (domain::Seq after = 0; after < 100; ++after) EXPECT_TRUE(sees(again[after], numbers(after + 1, 100)));
  EXPECT_EQ(metrics.log_pages_read.value(), pages);
}

TEST_F(CafNodeTest, FiguresGoBackExactlyWhenWatchersVanish) {
  start();
  for (int round = 0; round < 3; ++round) {
    std::vector<Watching> all;
    for (int i = 0; i < 200; ++i) all.push_back(watch(std::nullopt, Delivery::complete, "c" + std::to_string(i % 7)));
    for (std::size_t i = 0; i < all.size(); i += 2) all[i].subscription->ready();
    for (int i = 0; i < 50; ++i) post("c" + std::to_string(i % 7));
    all.clear();
    EXPECT_TRUE(wait_for([&] {
      return metrics.subscriber_actors.value() == 0 && metrics.router_entries.value() == 0 &&
             metrics.watchers_live.value() == 0 && metrics.watchers_behind.value() == 0;
    }));
  }
}

TEST_F(CafNodeTest, ATransportThatIsGoneEndsItsSubscriber) {
  start();
  auto w = read();
  w.transport.reset();
  w.subscription->ready();
  post();
  EXPECT_TRUE(wait_for([&] { return metrics.subscriber_actors.value() == 0; }));
}

TEST_F(CafNodeTest, ALogThatStaysUnavailableEndsTheWatchAfterItsPatience) {
  start({.log_patience = milliseconds{100}});
  log.available = false;
  const auto w = watch(0);
  EXPECT_TRUE(wait_for([&] { return w.transport->ended() == delivery::WatchCloseReason::unavailable; }));
  EXPECT_TRUE(wait_for([&] { return metrics.router_entries.value() == 0; }));
}

TEST_F(CafNodeTest, ALogThatComesBackInTimeIsReadOn) {
  start();
  for (int i = 0; i < 30; ++i) write();
  log.available = false;
  const auto w = watch(0);
  w.transport->read_on(*w.subscription);
  std::this_thread::sleep_for(milliseconds{50});  // some attempts in vain
  {
    const std::scoped_lock lock{log.mutex};
    log.available = true;
  }
  EXPECT_TRUE(sees(w, numbers(1, 30)));
}

TEST_F(CafNodeTest, AReplacedLogResetsEveryWatcherAndGoesOn) {
  start();
  const auto w = read(0);
  for (int i = 0; i < 5; ++i) post();
  ASSERT_TRUE(sees(w, numbers(1, 5)));
  {
    const std::scoped_lock lock{log.mutex};
    log.epoch = "f";
    log.channels.at(channel()).updates.resize(3, log.channels.at(channel()).updates.at(0));
  }
  node->tail_listener().on_epoch("f");
  ASSERT_TRUE(wait_for([&] { return w.transport->frames().back()->kind() == FrameKind::reset; }));
  EXPECT_NE(w.transport->frames().back()->json().find(R"("cursor":"f:3")"), std::string_view::npos);
  write();
  look();
  EXPECT_TRUE(wait_for([&] { return w.transport->seqs().back() == 4; }));
}

TEST_F(CafNodeTest, StopEndsEveryWatchAndLaterOnesToo) {
  start();
  const auto w = read();
  const auto idle = watch();
  node->stop();
  EXPECT_EQ(w.transport->ended(), delivery::WatchCloseReason::going_away);
  EXPECT_EQ(idle.transport->ended(), delivery::WatchCloseReason::going_away);
  const auto late = watch();
  EXPECT_EQ(late.transport->ended(), delivery::WatchCloseReason::going_away);
  late.subscription->ready();
  post();
  EXPECT_EQ(metrics.subscriber_actors.value(), 0);
}

TEST_F(CafNodeTest, ManyPublishersManyWatchersNothingLostNothingTwice) {
  start();
  std::vector<Watching> all;
  for (int i = 0; i < 40; ++i) {
    all.push_back(read(0, Delivery::complete, "c" + std::to_string(i % 4)));
  }
  std::vector<std::thread> publishers;
  for (int p = 0; p < 4; ++p) {
    publishers.emplace_back([&, p] {
      for (int i = 0; i < 250; ++i) post("c" + std::to_string((i + p) % 4));
    });
  }
  for (auto& publisher : publishers) publisher.join();
  for (int i = 0; i < 4; ++i) look("c" + std::to_string(i));
  for (const auto& w : all) EXPECT_TRUE(sees(w, numbers(1, 250)));
}

}  // namespace
}  // namespace danwa::caf
