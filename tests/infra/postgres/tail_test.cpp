#include <gtest/gtest.h>

#include "infra/postgres/postgres_node.hpp"
#include "support/tail_record.hpp"

namespace danwa::tests {
namespace {

using namespace std::chrono_literals;

domain::ChannelKey kitchen() { return domain::ChannelKey::conversation(company(), conversation("kitchen")); }

class PostgresTail : public testing::Test {
 protected:
  const OwnDatabase own_;
  TailRecord record_;
};

TEST_F(PostgresTail, TellsOfGrowthByAnyNode) {
  PostgresNode node{own_};
  PostgresNode other{own_};
  node.database.start_tail(record_);
  ASSERT_TRUE(node.storage.add(comment(1)));
  ASSERT_TRUE(other.storage.add(comment(2)));
  ASSERT_TRUE(other.storage.add(comment_in(3, "kitchen")));
  EXPECT_TRUE(wait_for([&] { return record_.head() == 2 && record_.head(kitchen()) == 1; }, 1s));
  EXPECT_GT(node.metrics.tail_looks.value(), 0U);
  EXPECT_TRUE(record_.epoch().empty());
}

TEST_F(PostgresTail, TellsOfRoomsAndNotifications) {
  const auto inbox = domain::ChannelKey::inbox(company(), user("bob"));
  PostgresNode node{own_};
  node.database.start_tail(record_);
  ASSERT_TRUE(node.storage.join(node.storage.by(user()), user()));
  EXPECT_TRUE(wait_for([&] { return record_.head() == 1; }));
  ASSERT_TRUE(node.storage.leave(node.storage.by(user()), user()));
  EXPECT_TRUE(wait_for([&] { return record_.head() == 2; }));
  ASSERT_TRUE(node.storage.notify(notification(1, inbox)));
  EXPECT_TRUE(wait_for([&] { return record_.head(inbox) == 1; }));
}

TEST_F(PostgresTail, StartsAtThePresentEndAndTellsAHeadOnce) {
  PostgresNode node{own_};
  ASSERT_TRUE(node.storage.add(comment(1)));
  node.database.start_tail(record_);
  ASSERT_TRUE(node.storage.add(comment_in(2, "kitchen")));
  ASSERT_TRUE(wait_for([&] { return record_.head(kitchen()) == 1; }));
  EXPECT_EQ(record_.head(), 0U);
  ASSERT_TRUE(node.storage.add(comment_in(3, "hall")));
  ASSERT_TRUE(wait_for([&] { return record_.calls() == 2; }));
}

TEST_F(PostgresTail, IsNotDelayedByATransactionThatStaysOpen) {
  PostgresNode node{own_};
  ASSERT_TRUE(node.storage.add(comment_in(1, "kitchen")));
  node.database.start_tail(record_);
  Sql foreign{own_.url()};
  foreign.ask("BEGIN");
  foreign.ask(
      "WITH grown AS (UPDATE channels SET head = head + 1 WHERE key = 'kitchen' RETURNING id, head) "
      "INSERT INTO updates(channel_id, seq, type, occurred_ms, subject_id, author, content) "
      "SELECT id, head, 0, 1, gen_random_uuid(), 'ann', 'late' FROM grown");
  for (std::uint64_t n = 2; n <= 12; ++n) {
    const auto seq = node.storage.add(comment(n))->comment.seq;
    ASSERT_TRUE(wait_for([&] { return record_.head() == seq; }, 1s)) << seq;
  }
  EXPECT_EQ(record_.head(kitchen()), 0U);
  foreign.ask("COMMIT");
  EXPECT_TRUE(wait_for([&] { return record_.head(kitchen()) == 2; }, 1s));
}

TEST_F(PostgresTail, CatchesUpAfterItsConnectionWasCut) {
  PostgresNode node{own_};
  node.database.start_tail(record_);
  ASSERT_TRUE(node.storage.add(comment(1)));
  ASSERT_TRUE(wait_for([&] { return record_.head() == 1; }));
  own_.ask(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
      "pg_backend_pid()");
  ASSERT_TRUE(node.storage.add(comment(2)));
  EXPECT_TRUE(wait_for([&] { return record_.head() == 2; }));
  EXPECT_TRUE(record_.epoch().empty());
}

TEST_F(PostgresTail, RenewsTheEpochWhenTheLogGoesBack) {
  PostgresNode node{own_};
  const auto before = node.database.epoch();
  node.database.start_tail(record_);
  ASSERT_TRUE(node.storage.add(comment(1)));
  ASSERT_TRUE(node.storage.add(comment(2)));
  ASSERT_TRUE(wait_for([&] { return record_.head() == 2; }));
  own_.ask("WITH gone AS (DELETE FROM updates WHERE seq = 2) UPDATE channels SET head = 1");
  ASSERT_TRUE(wait_for([&] { return !record_.epoch().empty(); }));
  EXPECT_NE(record_.epoch(), before);
  EXPECT_EQ(node.database.epoch(), record_.epoch());
  EXPECT_EQ(node.storage.head()->epoch, record_.epoch());
  EXPECT_TRUE(node.logger.has("tail.log-went-back"));
  ASSERT_TRUE(node.storage.add(comment(3)));
  EXPECT_TRUE(wait_for([&] { return record_.head() == 2; }));
}

TEST_F(PostgresTail, KeepsTheEpochWhenOldUpdatesAreDropped) {
  PostgresNode node{own_};
  node.database.start_tail(record_);
  ASSERT_TRUE(node.storage.add(comment(1)));
  ASSERT_TRUE(wait_for([&] { return record_.head() == 1; }));
  own_.ask("DELETE FROM updates");
  ASSERT_TRUE(node.storage.add(comment(2)));
  ASSERT_TRUE(wait_for([&] { return record_.head() == 2; }));
  EXPECT_TRUE(record_.epoch().empty());
}

TEST_F(PostgresTail, TellsAnEpochThatAnotherNodeRenewed) {
  PostgresNode node{own_};
  node.database.start_tail(record_);
  own_.ask("UPDATE meta SET value = 'feed' WHERE name = 'epoch'");
  ASSERT_TRUE(wait_for([&] { return record_.epoch() == "feed"; }));
  EXPECT_EQ(node.database.epoch(), "feed");
}

}  // namespace
}  // namespace danwa::tests
