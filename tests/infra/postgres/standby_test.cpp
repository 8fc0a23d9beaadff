#include <gtest/gtest.h>

#include <optional>

#include "infra/postgres/postgres_node.hpp"

// A real streaming standby: behind, gone, back, promoted.

namespace danwa::tests {
namespace {

using namespace std::chrono_literals;
using usecase::Freshness;

class PostgresStandby : public testing::Test {
 protected:
  postgres::PostgresOptions options() const {
    return {.master = own_.url(), .replicas = {standby_.url(own_.name())}, .max_lag = 500ms};
  }
  static bool serves(PostgresNode& node, std::size_t count = 1) {
    return wait_for([&] { return node.database.replicas_serving() == count; }, 20s);
  }
  std::string ask_standby(const std::string& sql) const { return Sql{standby_.url(own_.name())}.ask(sql); }
  void catch_up() const {
    const auto end = own_.ask("SELECT pg_current_wal_flush_lsn()");
    Sql standby{standby_.url()};
    ASSERT_TRUE(wait_for([&] { return standby.ask("SELECT pg_last_wal_replay_lsn() >= '" + end + "'") == "t"; }));
  }

  /// Every read that carries the position of the write before it shows that write.
  static void expect_fresh(PostgresNode& node, std::uint64_t n) {
    const auto added = node.storage.add(comment(n));
    ASSERT_TRUE(added);
    const auto seq = added->comment.seq;
    const auto wanted = Freshness::after(added->position);
    const auto page = node.storage.read(seq, seq, 1, Storage::lobby(), wanted);
    ASSERT_EQ(page->updates.size(), 1U);
    EXPECT_TRUE(page->position->covers(added->position));
    EXPECT_EQ(node.storage.list({.after = {}, .before = {}, .limit = 1}, conversation(), wanted)->head, seq);
    EXPECT_EQ(node.storage.listing(std::nullopt, 1, user(), wanted)->conversations.at(0).head, seq);
  }

  PostgresServer primary_;
  PostgresServer standby_{PostgresServer::Of{primary_}};
  const OwnDatabase own_{primary_};
};

TEST_F(PostgresStandby, ServesReadsAndNeverLessThanIsAskedFor) {
  PostgresNode node{options()};
  ASSERT_TRUE(serves(node));
  EXPECT_TRUE(wait_for([&] { return node.logger.has("replica.serves"); }));  // told once it serves
  for (std::uint64_t n = 1; n <= 200; ++n) expect_fresh(node, n);
  catch_up();
  // By now the standby itself answers: reads are counted there.
  EXPECT_EQ(node.storage.read(1, 9)->head, 200U);
  EXPECT_NE(
      ask_standby("SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND datname = current_database()"),
      "0");
}

TEST_F(PostgresStandby, IsNotWaitedForByAPositionThatNobodyWasTold) {
  PostgresNode node{options()};
  ASSERT_TRUE(serves(node));
  const auto added = node.storage.add(comment(1));
  ASSERT_TRUE(added);
  auto fastest = std::chrono::steady_clock::duration::max();
  for (const std::uint64_t absurd : {std::uint64_t{1} << 60U, UINT64_MAX}) {
    for (int tries = 0; tries < 5; ++tries) {
      const auto before = std::chrono::steady_clock::now();
      const auto page = node.storage.read(1, 9, 9, Storage::lobby(),
                                          Freshness::after(domain::Position{added->position.epoch, absurd}));
      fastest = std::min(fastest, std::chrono::steady_clock::now() - before);
      EXPECT_EQ(page->head, 1U);
    }
  }
  EXPECT_LT(fastest, Freshness::kReplicaWait / 2);
}

TEST_F(PostgresStandby, TellsPositionsThatItsOwnReadsNeverGoBehind) {
  PostgresNode node{options()};
  ASSERT_TRUE(serves(node));
  std::optional<domain::Position> seen;
  domain::Seq head = 0;
  std::vector<std::future<PostgresNode::Added>> adding;
  for (std::uint64_t n = 1; n <= 400; ++n) {
    adding.push_back(node.start_add(comment(n)));
    const auto page = node.storage.read(1, 1, 1, Storage::lobby(), Freshness::after(seen));
    ASSERT_TRUE(page);
    EXPECT_GE(page->head, head);
    head = page->head;
    seen = page->position;
  }
  for (auto& one : adding) EXPECT_TRUE(one.get());
}

TEST_F(PostgresStandby, ThatIsPausedLeavesReadsToTheMasterAndComesBack) {
  PostgresNode node{options()};
  ASSERT_TRUE(node.storage.add(comment(1)));
  catch_up();
  ASSERT_TRUE(serves(node));
  ask_standby("SELECT pg_wal_replay_pause()");
  ASSERT_TRUE(wait_for([&] { return ask_standby("SELECT pg_get_wal_replay_pause_state()") == "paused"; }));
  for (std::uint64_t n = 2; n <= 40; ++n) expect_fresh(node, n);
  EXPECT_TRUE(serves(node, 0));
  EXPECT_TRUE(node.logger.has("reason=behind"));
  EXPECT_EQ(node.storage.read(1, 9)->head, 40U) << "without a position, by the master";
  for (std::uint64_t n = 41; n <= 60; ++n) expect_fresh(node, n);
  ask_standby("SELECT pg_wal_replay_resume()");
  EXPECT_TRUE(serves(node));
  for (std::uint64_t n = 61; n <= 80; ++n) expect_fresh(node, n);
}

TEST_F(PostgresStandby, ThatIsGoneIsLeftOutAndComesBack) {
  PostgresNode node{options()};
  ASSERT_TRUE(serves(node));
  standby_.stop();
  for (std::uint64_t n = 1; n <= 20; ++n) expect_fresh(node, n);
  EXPECT_TRUE(serves(node, 0));
  expect_fresh(node, 21);
  standby_.start();
  EXPECT_TRUE(serves(node));
  expect_fresh(node, 22);
}

TEST_F(PostgresStandby, ThatIsNotThereAtTheStartIsUsedOnceItIs) {
  standby_.stop();
  PostgresNode node{options()};
  expect_fresh(node, 1);
  EXPECT_EQ(node.database.replicas_serving(), 0U);
  standby_.start();
  EXPECT_TRUE(serves(node));
}

TEST_F(PostgresStandby, ThatIsPromotedTakesTheWritesAndNothingAcknowledgedIsLost) {
  Sql{primary_.url()}.ask("ALTER SYSTEM SET synchronous_standby_names = '*'");
  Sql{primary_.url()}.ask("SELECT pg_reload_conf()");
  ASSERT_TRUE(wait_for([&] { return Sql{primary_.url()}.ask("SHOW synchronous_standby_names") == "*"; }));
  auto both = options();
  both.master =
      "postgres:///" + own_.name() + "?host=" + primary_.directory() + "," + standby_.directory() + "&user=danwa";
  PostgresNode node{both};
  const auto epoch = node.database.epoch();
  std::vector<domain::CommentId> acknowledged;
  for (std::uint64_t n = 1; n <= 100; ++n) {
    const auto added = node.storage.add(comment(n));
    ASSERT_TRUE(added);
    acknowledged.push_back(added->comment.id);
  }
  std::vector<std::future<PostgresNode::Added>> flying;
  for (std::uint64_t n = 101; n <= 200; ++n) flying.push_back(node.start_add(comment(n)));
  primary_.stop();
  standby_.promote();
  for (auto& one : flying) {
    const auto added = one.get();
    if (added) acknowledged.push_back(added->comment.id);
  }
  ASSERT_TRUE(wait_for([&] { return node.storage.add(comment(1000)).has_value(); }, 30s));
  for (const auto& id : acknowledged) EXPECT_TRUE(node.storage.find(id));
  EXPECT_EQ(ask_standby("SELECT count(*) FROM channels WHERE head <> (SELECT count(DISTINCT seq) FROM updates)"), "0");
  EXPECT_TRUE(wait_for([&] { return node.database.healthy(); }));
  EXPECT_EQ(node.database.epoch(), epoch) << "nothing was lost";
}

TEST_F(PostgresStandby, ThatIsPromotedWithoutTheLatestGetsANewEpoch) {
  auto both = options();
  both.replicas.clear();
  both.master =
      "postgres:///" + own_.name() + "?host=" + primary_.directory() + "," + standby_.directory() + "&user=danwa";
  PostgresNode node{both};
  const auto epoch = node.database.epoch();
  ASSERT_TRUE(node.storage.add(comment(1)));
  catch_up();
  Sql{standby_.url()}.ask("SELECT pg_wal_replay_pause()");
  standby_.stop();  // receives nothing of what follows
  ASSERT_TRUE(node.storage.add(comment(2)));
  primary_.stop();
  standby_.start();
  standby_.promote();
  ASSERT_TRUE(wait_for([&] { return node.database.epoch() != epoch; }, 30s));
  ASSERT_TRUE(wait_for([&] { return node.storage.add(comment(3)).has_value(); }, 30s));
  EXPECT_EQ(node.storage.head()->seq, 2U);
  EXPECT_EQ(node.storage.head()->epoch, node.database.epoch());
}

}  // namespace
}  // namespace danwa::tests
