#include <gtest/gtest.h>

#include <filesystem>

#include "infra/sqlite/fault_vfs.hpp"
#include "infra/sqlite/node.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait_for.hpp"

// A COMMIT that fails: nothing is acknowledged that might not be durable, nothing refused comes back, and
// the node recovers by itself.
namespace danwa::tests {
namespace {

using namespace std::chrono_literals;

class LostCommit : public testing::Test {
 protected:
  /// The database as it would be found after the machine's death: without the shared memory file.
  std::string crashed_copy() {
    const std::string copy = directory_.file("crashed.db");
    std::filesystem::copy_file(options_.master_path, copy);
    std::filesystem::copy_file(options_.master_path + "-wal", copy + "-wal");
    return copy;
  }

  TemporaryDirectory directory_;
  FaultVfs& faults_ = FaultVfs::instance();
  sqlite::SqliteOptions options_{.master_path = directory_.file("danwa.db")};
  Node node_{options_};
};

TEST_F(LostCommit, IsAnsweredUnavailable) {
  ASSERT_TRUE(node_.storage.add(comment(1)));
  faults_.failing_syncs = 1;
  const auto lost = node_.storage.add(comment(2));
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().first().code, "database-failed");
  EXPECT_EQ(lost.error().first().kind, domain::ErrorKind::unavailable);
  EXPECT_EQ(node_.metrics.commit_failures.value(), 1u);
  EXPECT_TRUE(node_.logger.has("database.commit-failed"));
}

TEST_F(LostCommit, IsSuspectedWhenTheStorageWentWithItsSync) {
  ASSERT_TRUE(node_.storage.add(comment(1)));
  faults_.goes = true;
  const auto suspect = node_.storage.add(comment(2));
  faults_.goes = faults_.gone = false;
  ASSERT_FALSE(suspect);
  EXPECT_EQ(suspect.error().first().code, "database-failed");
  EXPECT_EQ(node_.metrics.commit_failures.value(), 1u);
  EXPECT_TRUE(wait_for([&] { return node_.database.healthy(); }));
  EXPECT_EQ(node_.storage.add(comment(3))->comment.seq, node_.storage.find(comment_id(2)) ? 3u : 2u);
}

TEST_F(LostCommit, LeavesNothingBehindThatARecoveryCouldFind) {
  ASSERT_TRUE(node_.storage.add(comment(1)));
  faults_.failing_syncs = 1;
  ASSERT_FALSE(node_.storage.add(comment(2)));
  EXPECT_EQ(query_text(crashed_copy(), "SELECT count(*) FROM comments"), "1");
}

TEST_F(LostCommit, DoesNotKeepTheNextFromBeingDone) {
  ASSERT_TRUE(node_.storage.add(comment(1)));
  faults_.failing_syncs = 1;
  ASSERT_FALSE(node_.storage.add(comment(2)));
  const auto next = node_.storage.add(comment(3));
  ASSERT_TRUE(next);
  EXPECT_EQ(next->comment.seq, 2u);
  EXPECT_EQ(query_text(crashed_copy(), "SELECT count(*) FROM comments"), "2");
}

TEST_F(LostCommit, OfARoomsChangeIsNoChange) {
  ASSERT_TRUE(node_.storage.add(comment(1)));
  faults_.failing_syncs = 1;
  ASSERT_FALSE(node_.storage.configure(node_.storage.by(user("bob")), {std::nullopt, domain::Visibility::restricted}));
  EXPECT_EQ(node_.storage.view()->conversation.visibility, domain::Visibility::open);
  EXPECT_FALSE(node_.storage.view()->membership.has_owner);
  EXPECT_EQ(node_.storage.add(comment(2))->comment.seq, 2u);  // ann is no member: still open
  faults_.failing_syncs = 1;
  ASSERT_FALSE(node_.storage.notify(notification(1, domain::ChannelKey::inbox(company()))));
  EXPECT_EQ(node_.storage.notify(notification(2, domain::ChannelKey::inbox(company())))->notification.seq, 1u);
}

TEST_F(LostCommit, IsFollowedByRefusalsUntilTheDiskWorksAgain) {
  ASSERT_TRUE(node_.storage.add(comment(1)));
  faults_.failing_syncs = 1000000;
  ASSERT_FALSE(node_.storage.add(comment(2)));
  EXPECT_FALSE(node_.storage.add(comment(3)));
  EXPECT_FALSE(node_.database.healthy());
  EXPECT_TRUE(node_.storage.find(comment_id(1)));  // reads go on
  faults_.failing_syncs = 0;
  EXPECT_TRUE(wait_for([&] { return node_.database.healthy(); }));  // by itself, without a post
  EXPECT_EQ(node_.storage.add(comment(4))->comment.seq, 2u);
}

TEST_F(LostCommit, ForWantOfRoomIsMadeGoodWhenThereIsRoom) {
  ASSERT_TRUE(node_.storage.add(comment(1)));
  faults_.disk_full = true;
  for (std::uint64_t n = 2; n < 6; ++n) {
    const auto refused = node_.storage.add(comment(n));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().first().kind, domain::ErrorKind::unavailable);
  }
  faults_.disk_full = false;
  EXPECT_TRUE(wait_for([&] { return node_.database.healthy(); }, 5s));
  EXPECT_EQ(node_.storage.add(comment(6))->comment.seq, 2u);
}

TEST(FullDatabase, RefusesAndRecovers) {
  const TemporaryDirectory directory;
  const sqlite::SqliteOptions options{.master_path = directory.file("danwa.db"), .max_pages = 40};
  std::uint64_t n = 0;
  std::uint64_t kept = 0;
  {
    Node node{options};
    domain::Result<usecase::CommentRepository::Added> last = node.storage.add(comment(++n));
    for (; last && n < 10000; last = node.storage.add(comment(++n, std::string(1000, 'x')))) kept = n;
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().first().code, "database-full");
    EXPECT_EQ(last.error().first().kind, domain::ErrorKind::unavailable);
    EXPECT_EQ(node.storage.head()->seq, kept);
  }
  Node with_room{{.master_path = options.master_path}};
  EXPECT_EQ(with_room.storage.head()->seq, kept);
  EXPECT_EQ(with_room.storage.add(comment(n + 1))->comment.seq, kept + 1);
}

}  // namespace
}  // namespace danwa::tests
