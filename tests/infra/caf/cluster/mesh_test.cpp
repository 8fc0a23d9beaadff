#include <gtest/gtest.h>

#include <mutex>
#include <numeric>

#include "infra/caf/cluster/test_node.hpp"

namespace danwa::caf {
namespace {

using std::chrono::seconds;

std::vector<domain::Seq> up_to(domain::Seq last) {
  std::vector<domain::Seq> seqs(last);
  std::iota(seqs.begin(), seqs.end(), 1);
  return seqs;
}

TEST(Cluster, BringsEventsToThePeersInOrder) {
  TestNode one{"node-1"};
  TestNode two{"node-2", {one.address()}};
  ASSERT_TRUE(eventually([&] { return one.sees_up("node-2") && two.sees_up("node-1"); }));
  for (domain::Seq seq = 1; seq <= 1'000; ++seq) {
    one.send("from-one", seq);
    two.send("from-two", seq);
  }
  EXPECT_TRUE(eventually([&] { return two.seqs_of("from-one").size() == 1'000; }));
  EXPECT_TRUE(eventually([&] { return one.seqs_of("from-two").size() == 1'000; }));
  EXPECT_EQ(two.seqs_of("from-one"), up_to(1'000));
  EXPECT_EQ(one.seqs_of("from-two"), up_to(1'000));
  EXPECT_TRUE(one.seqs_of("from-one").empty());  // nothing comes back
  EXPECT_EQ(one.metrics().bus_unexpected.value() + two.metrics().bus_unexpected.value(), 0U);
}

TEST(Cluster, TellsBothSidesToLookAtTheLogWhenALinkStands) {
  TestNode one{"node-1"};
  TestNode two{"node-2", {one.address()}};
  EXPECT_TRUE(eventually([&] { return one.looks_everywhere() == 1 && two.looks_everywhere() == 1; }));
}

TEST(Cluster, FormsAFullMeshThroughOneSeed) {
  TestNode one{"node-1"};
  TestNode two{"node-2", {one.address()}};
  TestNode three{"node-3", {one.address()}};
  EXPECT_TRUE(eventually([&] {
    return one.metrics().cluster_peers.value() == 2 && two.metrics().cluster_peers.value() == 2 &&
           three.metrics().cluster_peers.value() == 2;
  }));
  EXPECT_TRUE(eventually([&] { return two.sees_up("node-3") && three.sees_up("node-2"); }));
}

TEST(Cluster, FormsWhenTheSeedStartsLast) {
  std::string later;
  {
    TestNode reserved{"node-9"};
    later = reserved.address();
  }
  TestNode one{"node-1", {later}};
  TestNode two{"node-2", {later}};
  ClusterOptions options;
  options.name = "node-3";
  options.listen = later;
  options.secret = "secret";
  TestNode three{options};
  EXPECT_TRUE(eventually([&] { return one.sees_up("node-2") && two.sees_up("node-1") && three.sees_up("node-1"); }));
}

ClusterOptions with_log(const std::string& name, std::vector<std::string> seeds, domain::LogIdentity log) {
  ClusterOptions options;
  options.name = name;
  options.listen = "127.0.0.1:0";
  options.seeds = std::move(seeds);
  options.secret = "secret";
  options.log = [log = std::move(log)] { return log; };
  return options;
}

TEST(Cluster, RefusesANodeOfAnotherDatabaseAndSaysSoOnBothSides) {
  TestNode one{with_log("node-1", {}, {"db:1", "feed"})};
  TestNode copy{with_log("node-2", {one.address()}, {"db:2", "feed"})};  // a copy keeps the epoch
  TestNode restored{with_log("node-3", {one.address()}, {"db:1", "beef"})};
  TestNode same{with_log("node-4", {one.address()}, {"db:1", "feed"})};
  EXPECT_TRUE(eventually([&] { return one.sees_up("node-4"); }));
  for (TestNode* refused : {&copy, &restored}) {
    EXPECT_TRUE(eventually([&] { return refused->logged("cluster.refused reason=another-database"); }));
    EXPECT_EQ(refused->metrics().cluster_peers.value(), 0);
  }
  EXPECT_TRUE(eventually([&] { return one.logged("cluster.refused reason=another-database"); }));
  EXPECT_FALSE(same.logged("another-database"));
}

TEST(Cluster, DropsUpdatesOfAPeerWhoseDatabaseHasChangedAndLooksAtTheLog) {
  std::mutex mutex;
  domain::LogIdentity now{"db:1", "e"};
  auto changing = with_log("node-1", {}, {});
  changing.log = [&] {
    const std::lock_guard lock{mutex};
    return now;
  };
  TestNode one{changing};
  TestNode two{with_log("node-2", {one.address()}, {"db:1", "e"})};
  ASSERT_TRUE(eventually([&] { return one.sees_up("node-2") && two.sees_up("node-1"); }));
  one.send("room", 1);
  ASSERT_TRUE(eventually([&] { return two.seqs_of("room").size() == 1; }));
  {
    const std::lock_guard lock{mutex};
    now.database = "db:2";
  }
  one.send("room", 2);
  EXPECT_TRUE(eventually([&] { return two.metrics().bus_foreign.value() == 1 && two.looks_at("room") == 1; }));
  EXPECT_EQ(two.seqs_of("room").size(), 1U);
  EXPECT_TRUE(two.sees_up("node-1"));  // what follows may be good again: the link stays
}

TEST(Cluster, ForgetsAtOnceWhoLeaves) {
  TestNode one{"node-1"};
  TestNode two{"node-2", {one.address()}};
  TestNode three{"node-3", {one.address()}};
  ASSERT_TRUE(eventually([&] { return one.metrics().cluster_peers.value() == 2 && three.sees_up("node-2"); }));
  two.cluster().leave();
  EXPECT_TRUE(eventually([&] { return one.cluster().members().size() == 1 && three.cluster().members().size() == 1; }));
  two.send("room", 1);  // it still serves whom it has
  EXPECT_TRUE(eventually([&] { return one.seqs_of("room").size() == 1 && three.seqs_of("room").size() == 1; }));
}

TEST(Cluster, ForgetsWhoLeavesWhileItsLinkIsMade) {
  for (int round = 0; round < 20; ++round) {
    TestNode one{"node-1"};
    TestNode two{"node-2", {one.address()}};
    ASSERT_TRUE(eventually([&] { return one.sees_up("node-2"); }));
    two.cluster().leave();  // its own side of the link may not stand yet
    ASSERT_TRUE(eventually([&] { return one.cluster().members().empty(); })) << "round " << round;
  }
}

TEST(Cluster, KeepsOneLinkWhenTwoNodesDialEachOtherAtOnce) {
  for (int round = 0; round < 10; ++round) {
    std::string first;
    std::string second;
    {
      TestNode a{"node-8"};
      TestNode b{"node-9"};
      first = a.address();
      second = b.address();
    }
    const auto start = [](const std::string& name, const std::string& listen, const std::string& seed) {
      ClusterOptions options;
      options.name = name;
      options.listen = listen;
      options.seeds = {seed, listen};
      options.secret = "secret";
      return std::make_unique<TestNode>(options);
    };
    const auto one = start("node-1", first, second);
    const auto two = start("node-2", second, first);
    ASSERT_TRUE(eventually([&] { return one->sees_up("node-2") && two->sees_up("node-1"); }));
    one->send("room", 1);
    two->send("room", 1);
    EXPECT_TRUE(eventually([&] { return one->seqs_of("room").size() == 1 && two->seqs_of("room").size() == 1; }));
    EXPECT_EQ(one->metrics().cluster_peers.value(), 1);
    EXPECT_EQ(two->metrics().cluster_peers.value(), 1);
    EXPECT_FALSE(one->logged("peer-down") || two->logged("peer-down"));
  }
}

TEST(Cluster, NoticesANodeThatLeavesAndLetsItReturn) {
  TestNode one{"node-1"};
  auto two = std::make_unique<TestNode>("node-2", std::vector<std::string>{one.address()});
  ASSERT_TRUE(eventually([&] { return one.sees_up("node-2"); }));
  const auto first = one.cluster().members()[0].incarnation;
  two.reset();
  EXPECT_TRUE(eventually([&] { return !one.sees_up("node-2"); }, seconds{5}));
  EXPECT_EQ(one.metrics().cluster_peers.value(), 0);
  two = std::make_unique<TestNode>("node-2", std::vector<std::string>{one.address()});
  ASSERT_TRUE(eventually([&] { return one.sees_up("node-2") && two->sees_up("node-1"); }, seconds{5}));
  EXPECT_NE(one.cluster().members()[0].incarnation, first);
  one.send("room", 1);
  EXPECT_TRUE(eventually([&] { return two->seqs_of("room").size() == 1; }));
}

TEST(Cluster, FindsASeedByItsHostName) {
  TestNode one{"node-1"};
  const auto port = one.address().substr(one.address().rfind(':'));
  TestNode two{"node-2", {"localhost" + port}};
  EXPECT_TRUE(eventually([&] { return one.sees_up("node-2"); }));
}

TEST(Cluster, StopsAtAnyMoment) {
  TestNode one{"node-1"};
  for (int round = 0; round < 30; ++round) {
    TestNode two{"node-2", {one.address(), "127.0.0.1:1"}};
    if (round % 3 == 1) eventually([&] { return two.sees_up("node-1"); });
    if (round % 3 == 2) std::this_thread::sleep_for(std::chrono::microseconds{100 * round});
  }
  EXPECT_TRUE(eventually([&] { return !one.sees_up("node-2"); }));
  EXPECT_EQ(one.metrics().cluster_peers.value(), 0);
}

TEST(Cluster, RefusesAPeerWithAnotherSecret) {
  TestNode one{"node-1"};
  TestNode two{"node-2", {one.address()}, "another"};
  EXPECT_TRUE(eventually([&] { return one.logged("cluster.refused reason=secret"); }));
  EXPECT_FALSE(one.sees_up("node-2"));
  EXPECT_GE(one.metrics().cluster_refused.value(), 1U);
}

TEST(Cluster, RefusesASecondNodeOfOneName) {
  TestNode one{"node-1"};
  TestNode two{"node-2", {one.address()}};
  ASSERT_TRUE(eventually([&] { return one.sees_up("node-2"); }));
  TestNode impostor{"node-2", {one.address()}};
  EXPECT_TRUE(eventually([&] { return one.logged("cluster.refused reason=name-in-use"); }));
  EXPECT_TRUE(eventually([&] { return impostor.logged("reason=name-in-use"); }));
  EXPECT_TRUE(one.sees_up("node-2"));
  EXPECT_FALSE(impostor.sees_up("node-1"));
}

TEST(Cluster, ReplacesDroppedEventsByAMark) {
  TestNode one{"node-1"};
  TestNode two{"node-2", {one.address()}};
  ASSERT_TRUE(eventually([&] { return one.sees_up("node-2"); }));
  for (domain::Seq seq = 1; seq <= 1'000; ++seq) one.send("room", seq, 40'000);  // far more than 8 MiB at once
  one.send("room", 1'001);
  EXPECT_TRUE(eventually([&] { return !two.seqs_of("room").empty() && two.seqs_of("room").back() == 1'001; }));
  const auto got = two.seqs_of("room").size();
  EXPECT_EQ(got + one.metrics().relay_drops.value(), 1'001U);
  EXPECT_EQ(two.looks_at("room") > 0, one.metrics().relay_drops.value() > 0);
}

TEST(Cluster, TellsAPeerThatWatchesTooLateForAnUpdateToLookAtTheLog) {
  TestNode one{"node-1"};
  TestNode two{"node-2", {one.address()}};
  ASSERT_TRUE(eventually([&] { return one.sees_up("node-2") && two.sees_up("node-1"); }));
  domain::Seq seq = 0;
  const auto is_skipped = [&] {  // two's word has come to one
    const auto before = two.seqs_of("late").size();
    one.send("late", ++seq);
    one.send("room", seq);
    return eventually([&] { return two.seqs_of("room").size() == seq; }) && two.seqs_of("late").size() == before;
  };
  ASSERT_TRUE(eventually(is_skipped));
  const auto got = two.seqs_of("late").size();
  EXPECT_EQ(two.looks_at("late"), 0U);
  two.watch("late");
  EXPECT_TRUE(eventually([&] { return two.looks_at("late") == 1; }));
  EXPECT_EQ(two.seqs_of("late").size(), got);
  one.send("late", ++seq);
  EXPECT_TRUE(eventually([&] { return two.seqs_of("late").size() == got + 1; }));
}

TEST(Cluster, TellsAPeerNothingMoreOfAChannelThatWasSilentForLong) {
  TestNode one{"node-1"};
  TestNode two{"node-2", {one.address()}};
  ASSERT_TRUE(eventually([&] { return one.sees_up("node-2") && two.sees_up("node-1"); }));
  for (int i = 0; i < 5'000; ++i) two.watch("many-" + std::to_string(i));  // more than one message
  ASSERT_TRUE(eventually([&] {
    one.send("many-4999", 1);
    return !two.seqs_of("many-4999").empty();
  }));
  one.send("many-0", 1);
  EXPECT_TRUE(eventually([&] { return two.seqs_of("many-0").size() == 1; }));
  EXPECT_EQ(two.looks_at("many-0") + two.looks_at("many-1"), 0U);
  EXPECT_EQ(one.metrics().bus_unexpected.value() + two.metrics().bus_unexpected.value(), 0U);
}

std::string refusal_of(const std::function<void(ClusterOptions&)>& change) {
  ClusterOptions options;
  options.name = "node-1";
  options.listen = "127.0.0.1:0";
  change(options);
  try {
    TestNode node{options};
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(ClusterOptions, MustFitTheNetwork) {
  EXPECT_EQ(refusal_of([](auto&) {}), "");
  EXPECT_NE(refusal_of([](auto& o) { o.listen = "0.0.0.0:0", o.advertise = "10.0.0.1:4000"; }), "");
  const auto open = [](auto& o) { o.listen = "0.0.0.0:0", o.advertise = "127.0.0.1:4000", o.plain_network = true; };
  EXPECT_NE(refusal_of([&](auto& o) { open(o); }), "");
  EXPECT_NE(refusal_of([&](auto& o) { open(o), o.secret = "short"; }), "");
  EXPECT_EQ(refusal_of([&](auto& o) { open(o), o.secret = "sixteen bytes or more"; }), "");
  EXPECT_NE(refusal_of([&](auto& o) { open(o), o.secret = "sixteen bytes or more", o.advertise = ""; }), "");
}

TEST(ClusterOptions, MustBeReadable) {
  EXPECT_NE(refusal_of([](auto& o) { o.name = "two words"; }), "");
  EXPECT_NE(refusal_of([](auto& o) { o.listen = "nowhere"; }), "");
  EXPECT_NE(refusal_of([](auto& o) { o.listen = "127.0.0.1:99999"; }), "");
  EXPECT_NE(refusal_of([](auto& o) { o.seeds = {"127.0.0.1"}; }), "");
  EXPECT_NE(refusal_of([](auto& o) { o.tls = ClusterTls{"/nonexistent", "/nonexistent", "/nonexistent"}; }), "");
  TestNode taken{"node-2"};
  EXPECT_NE(refusal_of([&](auto& o) { o.listen = taken.address(); }), "");
}

}  // namespace
}  // namespace danwa::caf
