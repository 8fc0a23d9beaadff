#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "infra/caf/cluster/child_node.hpp"
#include "infra/caf/cluster/test_node.hpp"

namespace danwa::caf {
namespace {

using std::chrono::seconds;

std::ptrdiff_t open_descriptors() {
  const std::filesystem::directory_iterator all{"/proc/self/fd"};
  return std::distance(begin(all), end(all));
}

/// Pings that both ends of a link answer: from `first` to `last`.
void ping(TestNode& node, domain::Seq first, domain::Seq last, std::size_t size = 200) {
  for (domain::Seq seq = first; seq <= last; ++seq) node.send("ping", seq, size);
}

TEST(ClusterFaults, AKilledNodeIsMissedAndItsSuccessorTakenIn) {
  TestNode one{"node-1"};
  auto two = std::make_unique<ChildNode>("node-2", one.address());
  const auto address = two->address();
  std::ptrdiff_t descriptors = 0;
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(eventually([&] { return one.sees_up("node-2"); }, seconds{round == 0 ? 20 : 10}));
    const auto incarnation = one.cluster().members()[0].incarnation;
    const auto answered = one.seqs_of("pong").size();
    ping(one, 1, 10);
    EXPECT_TRUE(eventually([&] { return one.seqs_of("pong").size() == answered + 10; }));
    two->kill();
    EXPECT_TRUE(eventually([&] { return !one.sees_up("node-2"); }, seconds{5}));
    two = std::make_unique<ChildNode>("node-2", one.address(), address);
    EXPECT_TRUE(eventually([&] { return one.sees_up("node-2"); }, seconds{5}));
    EXPECT_NE(one.cluster().members()[0].incarnation, incarnation);
    if (round == 0) descriptors = open_descriptors();
  }
  EXPECT_TRUE(eventually([&] { return open_descriptors() == descriptors; }));
  EXPECT_EQ(one.metrics().bus_unexpected.value(), 0U);
}

TEST(ClusterFaults, AStoppedNodeIsMissedHarmsNobodyAndIsTakenBack) {
  TestNode one{"node-1"};
  ChildNode two{"node-2", one.address()};
  ChildNode three{"node-3", one.address()};
  ASSERT_TRUE(eventually([&] { return one.sees_up("node-2") && one.sees_up("node-3"); }, seconds{20}));
  two.signal(SIGSTOP);
  domain::Seq sent = 0;
  const auto start = std::chrono::steady_clock::now();
  while (one.sees_up("node-2")) {
    ping(one, sent + 1, sent + 200, 1'000);
    sent += 200;
    ASSERT_TRUE(eventually([&] { return one.seqs_of("pong").size() >= sent; })) << "node-3 was held up";
    ASSERT_LT(std::chrono::steady_clock::now() - start, seconds{5});
  }
  EXPECT_TRUE(one.sees_up("node-3"));
  two.signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return one.sees_up("node-2"); }, seconds{5}));
  const auto before = one.seqs_of("pong").size();
  ping(one, 1, 10);
  EXPECT_TRUE(eventually([&] { return one.seqs_of("pong").size() >= before + 20; }));
}

TEST(ClusterFaults, WhatAStoppedNodeCannotTakeIsDropped) {
  TestNode one{"node-1"};
  ChildNode two{"node-2", one.address()};
  ASSERT_TRUE(eventually([&] { return one.sees_up("node-2"); }, seconds{20}));
  two.signal(SIGSTOP);
  // 30 MB: far above the 8 MiB that credit and queue hold.
  for (domain::Seq seq = 1; seq <= 30'000; ++seq) one.send("room", seq, 1'000);
  EXPECT_TRUE(eventually([&] { return one.metrics().relay_drops.value() > 20'000 || !one.sees_up("node-2"); }));
  two.signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return one.sees_up("node-2"); }, seconds{8}));
  const auto before = one.seqs_of("pong").size();
  ping(one, 1, 10);
  EXPECT_TRUE(eventually([&] { return one.seqs_of("pong").size() >= before + 10; }));
}

}  // namespace
}  // namespace danwa::caf
