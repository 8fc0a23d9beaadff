#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "infra/sqlite/node.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait_for.hpp"

// A replica that is another file, and behind: a copy of the master's that nobody brings up to date.

namespace danwa::tests {
namespace {

using std::chrono::milliseconds;
using usecase::Freshness;

class SqliteReplica : public testing::Test {
 protected:
  SqliteReplica() {
    {
      Node writer{{.master_path = master_, .full_sync = false}};
      first_ = writer.storage.add(comment(1))->position;
      EXPECT_EQ(execute_sql(master_, "PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
    }
    std::filesystem::copy_file(master_, replica_);
  }

  TemporaryDirectory directory_;
  const std::string master_ = directory_.file("danwa.db");
  const std::string replica_ = directory_.file("replica.db");
  domain::Position first_;
};

TEST_F(SqliteReplica, ServesWhatItHasReachedAndLeavesTheRestToTheMaster) {
  Node node{{.master_path = master_, .replica_path = replica_, .full_sync = false, .max_lag = std::chrono::hours{1}}};
  const auto second = node.storage.add(comment(2))->position;
  EXPECT_EQ(node.storage.read(1, 9)->head, 1U);
  EXPECT_EQ(node.storage.read(1, 9, 9, Storage::lobby(), Freshness::after(first_))->position, first_);
  const auto before = std::chrono::steady_clock::now();
  const auto fresh = node.storage.read(1, 9, 9, Storage::lobby(), Freshness::after(second));
  EXPECT_GE(std::chrono::steady_clock::now() - before, Freshness::kReplicaWait);
  EXPECT_EQ(fresh->head, 2U);
  EXPECT_EQ(fresh->position, second);
  EXPECT_EQ(node.storage.list({}, conversation(), Freshness::after(second))->comments.size(), 2U);
  EXPECT_EQ(node.storage.listing(std::nullopt, 9, user(), Freshness::after(second))->conversations[0].head, 2U);
}

TEST_F(SqliteReplica, IsNotWaitedForByAPositionThatNobodyWasTold) {
  Node node{{.master_path = master_, .replica_path = replica_, .full_sync = false}};
  ASSERT_TRUE(node.storage.add(comment(2)));
  auto fastest = std::chrono::steady_clock::duration::max();
  for (const std::uint64_t absurd : {std::uint64_t{1} << 40U, UINT64_MAX}) {
    const auto before = std::chrono::steady_clock::now();
    const auto fresh =
        node.storage.read(1, 9, 9, Storage::lobby(), Freshness::after(domain::Position{first_.epoch, absurd}));
    fastest = std::min(fastest, std::chrono::steady_clock::now() - before);
    EXPECT_EQ(fresh->head, 2U);
  }
  EXPECT_LT(fastest, Freshness::kReplicaWait / 2);
}

TEST_F(SqliteReplica, OfAnotherLogIsPassedOver) {
  ASSERT_EQ(execute_sql(replica_, "UPDATE meta SET value = 'other' WHERE name = 'epoch'"), SQLITE_OK);
  Node node{{.master_path = master_, .replica_path = replica_, .full_sync = false}};
  EXPECT_EQ(node.storage.read(1, 9, 9, Storage::lobby(), Freshness::after(first_))->position, first_);
}

/// What history shows: reads that take what a replica has.
std::size_t shown(Node& node) { return node.storage.read(1, 9)->head; }

TEST_F(SqliteReplica, OfAnotherEpochServesNoHistory) {
  ASSERT_EQ(execute_sql(replica_, "UPDATE meta SET value = 'other' WHERE name = 'epoch'; DELETE FROM updates"),
            SQLITE_OK);
  Node node{{.master_path = master_, .replica_path = replica_, .full_sync = false}};
  EXPECT_EQ(shown(node), 1U);
  EXPECT_EQ(node.database.replicas_serving(), 0U);
}

TEST_F(SqliteReplica, WithAnotherUpdateAtItsEndServesNoHistory) {
  ASSERT_EQ(execute_sql(replica_, "UPDATE updates SET subject_id = randomblob(16)"), SQLITE_OK);
  Node node{{.master_path = master_, .replica_path = replica_, .full_sync = false}};
  EXPECT_EQ(node.database.replicas_serving(), 0U);
}

TEST_F(SqliteReplica, ThatWasCopiedBeforeTheStartServesNothingUntilItHasCaughtUp) {
  {
    Node writer{{.master_path = master_, .full_sync = false}};
    ASSERT_TRUE(writer.storage.add(comment(2)));
  }
  Node node{{.master_path = master_, .replica_path = replica_, .full_sync = false, .max_lag = std::chrono::hours{1}}};
  EXPECT_EQ(shown(node), 2U);
  EXPECT_EQ(execute_sql(master_, "PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
  std::filesystem::copy_file(master_, replica_ + ".new");
  std::filesystem::rename(replica_ + ".new", replica_);
  EXPECT_TRUE(wait_for([&] { return node.database.replicas_serving() == 1; }));
}

TEST_F(SqliteReplica, ThatNobodyFeedsIsLeftOutOnceItIsTooFarBehind) {
  Node node{
      {.master_path = master_, .replica_path = replica_, .full_sync = false, .max_lag = std::chrono::milliseconds{60}}};
  EXPECT_EQ(node.database.replicas_serving(), 1U);
  ASSERT_TRUE(node.storage.add(comment(2)));
  EXPECT_TRUE(wait_for([&] { return node.database.replicas_serving() == 0; }));
  EXPECT_EQ(shown(node), 2U);
}

TEST_F(SqliteReplica, ByAnotherNameOfTheMasterIsTheMaster) {
  std::filesystem::create_directory_symlink(directory_.file(""), directory_.file("there"));
  Node node{{.master_path = master_, .replica_path = directory_.file("there/danwa.db"), .full_sync = false}};
  ASSERT_TRUE(node.storage.add(comment(2)));
  EXPECT_EQ(shown(node), 2U);
  EXPECT_EQ(node.database.replicas_serving(), 0U);
}

TEST_F(SqliteReplica, PositionsOfABatchAreThoseOfItsChanges) {
  Node node{{.master_path = master_, .full_sync = false}};
  std::vector<std::future<domain::Result<Storage::Repository::Added>>> adding;
  for (std::uint64_t n = 2; n <= 100; ++n) adding.push_back(node.storage.start_add(comment(n)));
  for (auto& one : adding) {
    const auto added = one.get();
    const auto sql = "SELECT position FROM updates WHERE seq = " + std::to_string(added->comment.seq);
    EXPECT_EQ(std::to_string(added->position.number), query_text(master_, sql));
  }
}

}  // namespace
}  // namespace danwa::tests
