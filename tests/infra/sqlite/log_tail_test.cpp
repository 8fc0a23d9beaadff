#include <gtest/gtest.h>

#include <filesystem>

#include "infra/sqlite/child_process.hpp"
#include "infra/sqlite/node.hpp"
#include "support/tail_record.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait_for.hpp"

namespace danwa::tests {
namespace {

using namespace std::chrono_literals;

class LogTailTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  sqlite::SqliteOptions options_{.master_path = directory_.file("danwa.db")};
  TailRecord listener_;
};

TEST_F(LogTailTest, TellsOfGrowth) {
  Node node{options_};
  node.database.start_tail(listener_);
  auto elsewhere = comment(3);
  elsewhere.conversation = conversation("kitchen");
  ASSERT_TRUE(node.storage.add(comment(1)));
  ASSERT_TRUE(node.storage.add(comment(2)));
  ASSERT_TRUE(node.storage.add(elsewhere));
  EXPECT_TRUE(wait_for([&] { return listener_.head() == 2; }));
  EXPECT_TRUE(wait_for(
      [&] { return listener_.head(domain::ChannelKey::conversation(company(), conversation("kitchen"))) == 1; }));
  EXPECT_GT(node.metrics.tail_looks.value(), 0u);
}

TEST_F(LogTailTest, TellsOfGrowthByRoomsAndNotifications) {
  const auto inbox = domain::ChannelKey::inbox(company(), user("bob"));
  Node node{options_};
  node.database.start_tail(listener_);
  ASSERT_TRUE(node.storage.join(node.storage.by(user()), user()));
  EXPECT_TRUE(wait_for([&] { return listener_.head() == 1; }));
  ASSERT_TRUE(node.storage.configure(node.storage.by(user()), {std::nullopt, domain::Visibility::restricted}));
  EXPECT_TRUE(wait_for([&] { return listener_.head() == 2; }));
  ASSERT_TRUE(node.storage.leave(node.storage.by(user()), user()));
  EXPECT_TRUE(wait_for([&] { return listener_.head() == 3; }));
  ASSERT_TRUE(node.storage.notify(notification(1, inbox)));
  EXPECT_TRUE(wait_for([&] { return listener_.head(inbox) == 1; }));
  EXPECT_TRUE(listener_.epoch().empty());
}

TEST_F(LogTailTest, StartsAtThePresentEnd) {
  Node node{options_};
  ASSERT_TRUE(node.storage.add(comment(1)));
  node.database.start_tail(listener_);
  auto elsewhere = comment(2);
  elsewhere.conversation = conversation("kitchen");
  ASSERT_TRUE(node.storage.add(elsewhere));
  ASSERT_TRUE(wait_for([&] { return listener_.calls() > 0; }));
  EXPECT_EQ(listener_.head(), 0u);
}

TEST_F(LogTailTest, NoticesTheCommitsOfAnotherProcess) {
  SharedCounters step;
  ChildProcess other{[&] {
    while (step[0] == 0) ::usleep(1000);
    Node node{options_};
    return node.storage.add(comment(1)) ? 0 : 1;
  }};
  Node node{options_};
  node.database.start_tail(listener_);
  step[0] = 1;
  EXPECT_TRUE(wait_for([&] { return listener_.head() == 1; }));
  EXPECT_EQ(other.wait(), 0);
}

TEST_F(LogTailTest, CatchesUpOverManyRows) {
  options_.tail_interval = 300ms;
  Node node{options_};
  node.database.start_tail(listener_);
  std::vector<std::future<domain::Result<usecase::CommentRepository::Added>>> answers;
  for (std::uint64_t k = 0; k < 6; ++k) {
    for (std::uint64_t n = 0; n < 1000; ++n) answers.push_back(node.storage.start_add(comment(k * 1000 + n)));
    for (auto& answer : answers) ASSERT_TRUE(answer.get());
    answers.clear();
  }
  EXPECT_TRUE(wait_for([&] { return listener_.head() == 6000; }));
}

TEST_F(LogTailTest, DoesNotLookAtAQuietLog) {
  Node node{options_};
  node.database.start_tail(listener_);
  ASSERT_TRUE(node.storage.add(comment(1)));
  ASSERT_TRUE(wait_for([&] { return listener_.head() == 1; }));
  std::this_thread::sleep_for(200ms);
  const auto looks = node.metrics.tail_looks.value();
  std::this_thread::sleep_for(300ms);
  EXPECT_EQ(node.metrics.tail_looks.value(), looks);
}

TEST_F(LogTailTest, RenewsTheEpochWhenTheLogGoesBack) {
  Node node{options_};
  const auto before = node.database.epoch();
  ASSERT_TRUE(node.storage.add(comment(1)));
  ASSERT_TRUE(node.storage.add(comment(2)));
  node.database.start_tail(listener_);
  ASSERT_EQ(execute_sql(options_.master_path, "DELETE FROM updates WHERE position = 2"), SQLITE_OK);
  ASSERT_TRUE(wait_for([&] { return !listener_.epoch().empty(); }));
  EXPECT_NE(listener_.epoch(), before);
  EXPECT_EQ(node.database.epoch(), listener_.epoch());
  EXPECT_EQ(node.storage.head()->epoch, listener_.epoch());
}

TEST_F(LogTailTest, TellsAnEpochThatAnotherProcessRenewed) {
  Node node{options_};
  node.database.start_tail(listener_);
  ASSERT_EQ(execute_sql(options_.master_path, "UPDATE meta SET value = 'feed' WHERE name = 'epoch'"), SQLITE_OK);
  ASSERT_TRUE(wait_for([&] { return listener_.epoch() == "feed"; }));
  EXPECT_EQ(node.database.epoch(), "feed");
}

TEST_F(LogTailTest, FollowsAFileThatWasReplacedByAnOlderOne) {
  const std::string backup = directory_.file("backup.db");
  { Node first{options_}; }
  std::filesystem::copy_file(options_.master_path, backup);
  Node node{options_};
  const auto before = node.database.epoch();
  node.database.start_tail(listener_);
  ASSERT_TRUE(node.storage.add(comment(1)));
  ASSERT_TRUE(wait_for([&] { return listener_.head() == 1; }));
  std::filesystem::remove(options_.master_path + "-wal");
  std::filesystem::remove(options_.master_path + "-shm");
  std::filesystem::rename(backup, options_.master_path);
  ASSERT_TRUE(wait_for([&] { return !listener_.epoch().empty(); }));
  EXPECT_NE(listener_.epoch(), before);
  EXPECT_EQ(node.storage.head()->seq, 0u);
  EXPECT_EQ(node.storage.add(comment(2))->comment.seq, 1u);
}

}  // namespace
}  // namespace danwa::tests
