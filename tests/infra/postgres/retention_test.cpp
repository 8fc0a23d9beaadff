#include <gtest/gtest.h>

#include "infra/postgres/postgres_node.hpp"

namespace danwa::tests {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kOldMonth = 1'577'836'800'000;  // January 2020

domain::Timestamp now_ms() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

domain::Comment comment_of(std::uint64_t n, const std::string& key, domain::Timestamp time) {
  auto made = comment_in(n, key);
  made.created_at = made.updated_at = time;
  return made;
}

domain::ChannelKey log_of(const std::string& name) {
  return domain::ChannelKey::conversation(company(), conversation(name));
}

std::vector<domain::Seq> seqs(const domain::Result<usecase::UpdateLog::Page>& page) {
  std::vector<domain::Seq> found;
  for (const auto& update : page->updates) found.push_back(update.seq);
  return found;
}

using Seqs = std::vector<domain::Seq>;

/// "hall" has two old updates and one of now, "cellar" old ones alone, "attic" one of now.
class PostgresRetention : public testing::Test {
 protected:
  PostgresRetention() {
    own_.ask("CREATE TABLE updates_2020_01 PARTITION OF updates FOR VALUES FROM (1577836800000) TO (1580515200000)");
    PostgresNode node{own_};
    const auto of_default = at(kOldMonth - 1);
    for (const auto& made :
         {comment_of(1, "hall", at(kOldMonth)), comment_of(2, "hall", of_default), comment_of(3, "hall", now_ms()),
          comment_of(4, "cellar", at(kOldMonth)), comment_of(5, "attic", now_ms())}) {
      EXPECT_TRUE(node.storage.add(made));
    }
  }
  postgres::PostgresOptions keep(std::chrono::days days) const { return {.master = own_.url(), .retention = days}; }
  std::string old_rows() const { return own_.ask("SELECT count(*) FROM updates WHERE occurred_ms < 1580515200000"); }

  const OwnDatabase own_;
};

TEST_F(PostgresRetention, LetsOldMonthsGoAndTellsWhereLogsBegin) {
  PostgresNode node{keep(30 * std::chrono::days{1})};
  ASSERT_TRUE(wait_for([&] { return node.logger.has("log.shortened") && old_rows() == "0"; }));
  EXPECT_EQ(own_.ask("SELECT to_regclass('updates_2020_01')"), "");
  const auto hall = node.storage.read(1, 9, 100, log_of("hall"));
  EXPECT_EQ(hall->oldest, 3U);
  EXPECT_EQ(hall->head, 3U);
  EXPECT_TRUE(hall->updates.empty());
  EXPECT_EQ(seqs(node.storage.read(3, 9, 100, log_of("hall"))), Seqs{3});
  EXPECT_EQ(node.storage.list({}, conversation("hall"))->comments.size(), 1U);
  EXPECT_EQ(node.storage.read(1, 9, 100, log_of("attic"))->oldest, 1U);
}

TEST_F(PostgresRetention, LeavesTheNumbersOfAnEmptiedLog) {
  PostgresNode node{keep(30 * std::chrono::days{1})};
  ASSERT_TRUE(wait_for([&] { return old_rows() == "0"; }));
  EXPECT_EQ(node.storage.read(1, 9, 100, log_of("cellar"))->oldest, 2U);
  EXPECT_EQ(node.storage.add(comment_of(6, "cellar", now_ms()))->comment.seq, 2U);
  EXPECT_EQ(seqs(node.storage.read(2, 9, 100, log_of("cellar"))), Seqs{2});
  EXPECT_TRUE(node.storage.find(comment_id(4)));  // the comment itself is no update
}

TEST_F(PostgresRetention, KeepsYoungUpdatesBeforeOneOfAClockThatIsBehind) {
  {
    PostgresNode behind{own_};
    ASSERT_TRUE(behind.storage.add(comment_of(6, "hall", at(kOldMonth))));
    ASSERT_TRUE(behind.storage.add(comment_of(7, "attic", at(kOldMonth))));
  }
  PostgresNode node{keep(30 * std::chrono::days{1})};
  ASSERT_TRUE(wait_for([&] { return node.logger.has("log.shortened"); }));
  EXPECT_EQ(node.storage.read(1, 9, 100, log_of("hall"))->oldest, 3U);
  EXPECT_EQ(seqs(node.storage.read(3, 9, 100, log_of("hall"))), (Seqs{3, 4}));
  EXPECT_EQ(node.storage.read(1, 9, 100, log_of("attic"))->oldest, 1U);
  EXPECT_EQ(seqs(node.storage.read(1, 9, 100, log_of("attic"))), (Seqs{1, 2}));
}

TEST_F(PostgresRetention, ForgetsTheKeysOfNotificationsThatAreGone) {
  const auto inbox = domain::ChannelKey::inbox(company(), user("bob"));
  const usecase::IdempotencyKey key{"once", "hash"};
  PostgresNode before{own_};
  auto old = notification(1, inbox);
  old.created_at = at(kOldMonth);
  ASSERT_TRUE(before.storage.notify(old, key));
  EXPECT_TRUE(before.storage.notify(notification(2, inbox), key)->replayed);
  PostgresNode node{keep(30 * std::chrono::days{1})};
  ASSERT_TRUE(wait_for([&] { return old_rows() == "0"; }));
  const auto again = node.storage.notify(notification(2, inbox), key);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->replayed);
  EXPECT_EQ(again->notification.seq, 2U);
}

TEST_F(PostgresRetention, KeepsWhatIsYoungEnoughAndAllByDefault) {
  {
    PostgresNode node{keep(std::chrono::days{36'500})};
    PostgresNode other{own_};
    EXPECT_EQ(seqs(node.storage.read(1, 9, 100, log_of("hall"))), (Seqs{1, 2, 3}));
  }
  EXPECT_EQ(old_rows(), "3");
}

TEST_F(PostgresRetention, DropsNoMonthThatALogStillHolds) {
  EXPECT_EQ(own_.ask("SELECT danwa_drop_partitions(1580515200000)"), "0");
  own_.ask("UPDATE channels SET first_seq = 3 WHERE key = 'hall'");
  EXPECT_EQ(own_.ask("SELECT danwa_drop_partitions(1580515200000)"), "0") << "the cellar's is in it";
  own_.ask("UPDATE channels SET first_seq = 2 WHERE key = 'cellar'");
  EXPECT_EQ(own_.ask("SELECT danwa_drop_partitions(1580515199999)"), "0") << "the month has a millisecond to go";
  EXPECT_EQ(own_.ask("SELECT danwa_drop_partitions(1580515200000)"), "1");
}

TEST_F(PostgresRetention, SeveralNodesDoItOnceWhileOthersWrite) {
  PostgresNode writer{own_};
  std::vector<std::unique_ptr<PostgresNode>> keepers;
  for (int i = 0; i < 3; ++i) keepers.push_back(std::make_unique<PostgresNode>(keep(30 * std::chrono::days{1})));
  for (std::uint64_t n = 10; n < 60; ++n) {
    ASSERT_TRUE(writer.storage.add(comment_of(n, n % 2 == 0 ? "hall" : "cellar", now_ms())));
  }
  ASSERT_TRUE(wait_for([&] { return old_rows() == "0"; }));
  const auto hall = writer.storage.read(3, 99, 100, log_of("hall"));
  EXPECT_EQ(hall->head, 28U);
  EXPECT_EQ(hall->updates.size(), 26U);
}

}  // namespace
}  // namespace danwa::tests
