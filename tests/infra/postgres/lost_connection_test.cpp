#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "infra/postgres/postgres_node.hpp"

namespace danwa::tests {
namespace {

using namespace std::chrono_literals;
using Added = PostgresNode::Added;

// The writer's commit: it waits for a standby, or for the trigger that sleeps. The log tail commits, too, five times a
// second, but it only reads, so it waits for neither.
constexpr const char* kInCommit =
    " WHERE query = 'COMMIT' AND wait_event IN ('SyncRep', 'PgSleep') AND datname = current_database()";

class PostgresLostConnection : public testing::Test {
 protected:
  /// Dropping the database would wait for a standby as well, for ever if a test has ended early.
  void TearDown() override {
    if (server_.answers()) set_standbys("");
  }
  /// Does `what` (pg_terminate_backend or pg_cancel_backend) to the connection that commits, once it waits there.
  void interrupt_commit(const std::string& what) {
    Sql admin{own_.url()};
    ASSERT_TRUE(
        wait_for([&] { return admin.ask("SELECT count(*) FROM pg_stat_activity" + std::string{kInCommit}) == "1"; }));
    admin.ask("SELECT " + what + "(pid) FROM pg_stat_activity" + kInCommit);
  }
  void set_standbys(const std::string& names) {
    Sql admin{server_.url()};
    admin.ask("ALTER SYSTEM SET synchronous_standby_names = '" + names + "'");
    admin.ask("SELECT pg_reload_conf()");
    ASSERT_TRUE(wait_for([&] { return Sql{server_.url()}.ask("SHOW synchronous_standby_names") == names; }));
  }
  void wait_for_standby_and(const std::string& what) {
    PostgresNode node{own_};
    ASSERT_TRUE(node.storage.add(comment(1)));
    set_standbys("nobody");
    auto answer = node.start_add(comment(2));
    interrupt_commit(what);
    ASSERT_TRUE(wait_for([&] { return node.metrics.commit_failures.value() == 1; }));
    EXPECT_FALSE(comes(answer, 300ms)) << "answered before a standby had it";
    set_standbys("");
    const auto added = answer.get();
    ASSERT_TRUE(added) << added.error().first().code;
    EXPECT_EQ(added->comment.seq, 2U);
    EXPECT_TRUE(node.logger.has("database.outcome outcome=committed"));
    EXPECT_EQ(node.storage.add(comment(3))->comment.seq, 3U);
    EXPECT_EQ(node.storage.read(1, 9)->updates.size(), 3U);
  }

  PostgresServer server_;
  const OwnDatabase own_{server_};
};

TEST_F(PostgresLostConnection, InACommitThatTookPlaceIsASuccess) { wait_for_standby_and("pg_terminate_backend"); }

TEST_F(PostgresLostConnection, OfACommitThatWasToldNotToWaitForItsStandbyIsNone) {
  wait_for_standby_and("pg_cancel_backend");
}

TEST_F(PostgresLostConnection, InACommitThatDidNotTakePlaceIsAFailure) {
  PostgresNode node{own_};
  ASSERT_TRUE(node.storage.add(comment(1)));
  own_.ask(
      "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END'");
  own_.ask(
      "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON comments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
      "EXECUTE FUNCTION dawdle()");
  auto answer = node.start_add(comment(2));
  interrupt_commit("pg_terminate_backend");
  EXPECT_EQ(answer.get().error().first().code, "database-failed");
  EXPECT_TRUE(node.logger.has("database.outcome outcome=not committed"));
  own_.ask("DROP TRIGGER slow ON comments");
  EXPECT_EQ(node.storage.add(comment(3))->comment.seq, 2U);
}

TEST_F(PostgresLostConnection, WithAServerThatStaysAwayLeavesTheOutcomeUnknown) {
  PostgresNode node{own_};
  ASSERT_TRUE(node.storage.add(comment(1)));
  set_standbys("nobody");
  auto answer = node.start_add(comment(2), usecase::IdempotencyKey{"k", "h"});
  Sql admin{own_.url()};
  ASSERT_TRUE(
      wait_for([&] { return admin.ask("SELECT count(*) FROM pg_stat_activity" + std::string{kInCommit}) == "1"; }));
  server_.stop();
  ASSERT_TRUE(comes(answer, 15s));
  EXPECT_EQ(answer.get().error().first().code, "outcome-unknown");
  EXPECT_TRUE(wait_for([&] { return !node.database.healthy(); }));
  EXPECT_EQ(node.storage.add(comment(3)).error().first().code, "database-failed");
  server_.start();
  set_standbys("");
  EXPECT_TRUE(wait_for([&] { return node.database.healthy(); }));
  const auto again = node.storage.add(comment(4), usecase::IdempotencyKey{"k", "h"});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->comment.seq, 2U);
}

/// Posts in bursts while something goes wrong again and again; then compares the answers with the log.
class PostgresUnderLoad : public PostgresLostConnection {
 protected:
  template <class Disturb>
  void post_while(Disturb disturb) {
    std::atomic<bool> done{false};
    // A server that is busy restarting refuses whole bursts, so the posts go on until enough were accepted.
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    std::thread poster{[&] {
      for (std::uint64_t round = 0; round < 30 || (acknowledged_.size() <= 100 && !is_past(deadline)); ++round) {
        post_burst(round * 50 + 1);
      }
      done = true;
    }};
    while (!done) disturb();  // here: a server goes with the thread that has started it
    poster.join();
    EXPECT_GT(acknowledged_.size(), 100U);
    ASSERT_TRUE(wait_for([&] { return node_.storage.head().has_value(); }));
    compare();
  }

  static bool is_past(std::chrono::steady_clock::time_point time) { return std::chrono::steady_clock::now() > time; }

  void post_burst(std::uint64_t first) {
    std::vector<std::pair<std::uint64_t, std::future<Added>>> answers;
    for (std::uint64_t n = first; n < first + 50; ++n) answers.emplace_back(n, node_.start_add(comment(n)));
    for (auto& [n, answer] : answers) {
      const auto added = answer.get();
      if (added) {
        acknowledged_.emplace(added->comment.id, added->comment.seq);
        continue;
      }
      EXPECT_EQ(added.error().first().kind, domain::ErrorKind::unavailable);
      if (added.error().first().code != "outcome-unknown") refused_.insert(comment_id(n));
    }
  }

  void compare() {
    std::map<domain::CommentId, domain::Seq> there;
    for (domain::Seq next = 1;;) {
      const auto page = node_.storage.read(next, domain::kMaxSeq);
      ASSERT_TRUE(page);
      if (page->updates.empty()) break;
      for (const auto& update : page->updates) {
        EXPECT_EQ(update.seq, next++);
        const auto id = std::get<domain::CommentAdded>(update.body).comment;
        EXPECT_TRUE(there.emplace(id, update.seq).second) << "twice";
        EXPECT_FALSE(refused_.contains(id)) << "refused, and there";
      }
    }
    for (const auto& [id, seq] : acknowledged_) EXPECT_EQ(there[id], seq) << "lost";
  }

  PostgresNode node_{own_};
  std::map<domain::CommentId, domain::Seq> acknowledged_;
  std::set<domain::CommentId> refused_;
};

TEST_F(PostgresUnderLoad, LosesAndDoublesNothingWhenConnectionsAreCut) {
  Sql admin{own_.url()};
  post_while([&] {
    admin.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
        "pg_backend_pid() AND random() < 0.4");
    std::this_thread::sleep_for(20ms);
  });
}

TEST_F(PostgresUnderLoad, LosesAndDoublesNothingWhenTheServerCrashes) {
  post_while([&] {
    std::this_thread::sleep_for(100ms);
    server_.stop();
    server_.start();
  });
}

}  // namespace
}  // namespace danwa::tests
