#include <gtest/gtest.h>

#include <chrono>
#include <numeric>

#include "infra/caf/caf_node.hpp"
#include "infra/caf/cluster.hpp"
#include "support/comments.hpp"
#include "support/in_memory_update_log.hpp"
#include "support/io_thread_count.hpp"
#include "support/quiet_logger.hpp"
#include "support/wait_for.hpp"
#include "test_transport.hpp"

namespace danwa::caf {
namespace {

using namespace tests;
using std::chrono::milliseconds;

/// Two nodes of one cluster over one log, without the log's tail: what arrives came over the bus.
struct TwoNodesTest : testing::Test {
  struct Node {
    Node(std::string name, std::vector<std::string> seeds, usecase::UpdateLog& log) {
      auto cluster = std::make_shared<ClusterOptions>();
      cluster->name = name;
      cluster->listen = "127.0.0.1:0";
      cluster->seeds = std::move(seeds);
      node.emplace(NodeOptions{.name = name, .cluster = cluster}, threads, log, logger, metrics);
    }
    bool joined() {
      const auto members = node->cluster()->members();
      return members.size() == 1 && members[0].state == MemberState::up;
    }
    QuietLogger logger;
    adapters::Metrics metrics;
    net::IoThreads threads{io_thread_count()};
    std::optional<CafNode> node;
  };

  void SetUp() override {
    ASSERT_TRUE(wait_for([this] { return a.joined() && b.joined(); }));
  }

  void post(Node& node) {
    auto made = comment(++made_);
    {
      const std::scoped_lock lock{log.mutex};
      made.seq =
          log.append(channel, made.created_at, domain::CommentAdded{made.id, made.author, made.content, std::nullopt});
    }
    node.node->events().publish(domain::CommentSent{made}, log.epoch);
  }

  domain::ChannelKey channel = domain::ChannelKey::conversation(company(), conversation());
  InMemoryLog log;
  InMemoryUpdateLog updates{log};
  Node a{"a", {}, updates};
  Node b{"b", {a.node->cluster()->bound_address()}, updates};
  std::uint64_t made_ = 0;
};

TEST_F(TwoNodesTest, WhatEitherPublishesArrivesAtBothInOrder) {
  std::vector<std::shared_ptr<TestTransport>> transports;
  std::vector<std::unique_ptr<delivery::Subscription>> held;
  for (Node* node : {&a, &b}) {
    transports.push_back(std::make_shared<TestTransport>());
    held.push_back(
        node->node->feed().watch(usecase::Watch::of(channel, domain::Cursor{std::nullopt, 0}), transports.back()));
    transports.back()->read_on(*held.back());
  }
  ASSERT_TRUE(wait_for([&] { return a.metrics.watchers_live.value() == 1 && b.metrics.watchers_live.value() == 1; }));
  for (int i = 0; i < 200; ++i) post(i % 2 == 0 ? a : b);
  std::vector<domain::Seq> wanted(200);
  std::iota(wanted.begin(), wanted.end(), 1);
  for (const auto& transport : transports) EXPECT_TRUE(wait_for([&] { return transport->seqs() == wanted; }));
  for (const auto& transport : transports) transport->stop_reading();
}

TEST_F(TwoNodesTest, EitherStopsInBoundedTimeWhileTheOtherGoesOn) {
  const auto before = std::chrono::steady_clock::now();
  a.node->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds{5000});
  const auto transport = std::make_shared<TestTransport>();
  const auto held = b.node->feed().watch(usecase::Watch::of(channel, domain::Cursor{std::nullopt, 0}), transport);
  transport->read_on(*held);
  ASSERT_TRUE(wait_for([&] { return b.metrics.watchers_live.value() == 1; }));
  post(b);
  EXPECT_TRUE(wait_for([&] { return transport->seqs().size() == 1; }));
  transport->stop_reading();
}

}  // namespace
}  // namespace danwa::caf
