#include <gtest/gtest.h>

#include <set>

#include "infra/sqlite/child_process.hpp"
#include "infra/sqlite/node.hpp"
#include "infra/sqlite/write_lock.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait_for.hpp"

// Several processes that share one database file.
namespace danwa::tests {
namespace {

using namespace std::chrono_literals;
using sqlite::FileLock;
using std::chrono::steady_clock;

class SharedFile : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  sqlite::SqliteOptions options_{.master_path = directory_.file("danwa.db")};

  /// Posts `count` comments into one conversation, 16 at a time; the number of those that failed.
  int post(std::uint8_t run, std::uint64_t count) {
    Node node{options_};
    int failed = 0;
    for (std::uint64_t n = 0; n < count; n += 16) {
      std::vector<std::future<domain::Result<usecase::CommentRepository::Added>>> answers;
      for (std::uint64_t k = n; k < std::min(n + 16, count); ++k) {
        auto made = comment(k);
        made.id = comment_id(k, run);
        answers.push_back(node.storage.start_add(made));
      }
      for (auto& answer : answers) failed += answer.get() ? 0 : 1;
    }
    return failed;
  }
};

TEST_F(SharedFile, NumbersOneConversationOverAllProcesses) {
  {
    ChildProcess first{[&] { return post(1, 400); }};
    ChildProcess second{[&] { return post(2, 400); }};
    ChildProcess third{[&] { return post(3, 400); }};
    EXPECT_EQ(first.wait(), 0);
    EXPECT_EQ(second.wait(), 0);
    EXPECT_EQ(third.wait(), 0);
  }
  Node node{options_};
  EXPECT_EQ(node.storage.head()->seq, 1200u);
  const auto page = node.storage.read(1, 1200, 1200);
  ASSERT_EQ(page->updates.size(), 1200u);
  std::set<domain::CommentId> ids;
  for (std::size_t i = 0; i < page->updates.size(); ++i) {
    EXPECT_EQ(page->updates[i].seq, i + 1);
    ids.insert(std::get<domain::CommentAdded>(page->updates[i].body).comment);
  }
  EXPECT_EQ(ids.size(), 1200u);
}

TEST_F(SharedFile, IsMigratedOnceByNodesThatStartTogether) {
  ChildProcess first{[&] { return post(1, 1); }};
  ChildProcess second{[&] { return post(2, 1); }};
  ChildProcess third{[&] { return post(3, 1); }};
  EXPECT_EQ(first.wait() + second.wait() + third.wait(), 0);
  EXPECT_EQ(query_text(options_.master_path, "SELECT count(*) FROM updates"), "3");
}

TEST_F(SharedFile, RefusesPostsInTimeWhileAStoppedProcessHoldsTheLock) {
  SharedCounters step;
  ChildProcess holder{[&] {
    while (step[0] == 0) ::usleep(1000);
    FileLock lock{options_.master_path + ".lock"};
    lock.lock(FileLock::Byte::write);
    step[1] = 1;
    ::raise(SIGSTOP);
    return 0;
  }};
  Node node{options_};
  ASSERT_TRUE(node.storage.add(comment(1)));
  step[0] = 1;
  ASSERT_TRUE(holder.wait_until_stopped());
  const auto start = steady_clock::now();
  const auto refused = node.storage.add(comment(2));
  const auto waited = steady_clock::now() - start;
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().first().code, "database-busy");
  EXPECT_EQ(refused.error().first().kind, domain::ErrorKind::unavailable);
  EXPECT_GT(waited, 1500ms);
  EXPECT_LT(waited, 4s);
  EXPECT_TRUE(node.storage.find(comment_id(1)));  // reads go on
  holder.signal(SIGCONT);
  EXPECT_EQ(holder.wait(), 0);
  const auto resumed = steady_clock::now();
  EXPECT_TRUE(node.storage.add(comment(3)));
  EXPECT_LT(steady_clock::now() - resumed, 1s);
  EXPECT_EQ(node.storage.head()->seq, 2u);
}

TEST_F(SharedFile, GoesOnWhenTheHolderIsKilled) {
  ChildProcess holder{[&] {
    FileLock lock{options_.master_path + ".lock"};
    lock.lock(FileLock::Byte::write);
    ::raise(SIGSTOP);
    return 0;
  }};
  ASSERT_TRUE(holder.wait_until_stopped());
  holder.signal(SIGKILL);
  Node node{options_};
  EXPECT_TRUE(node.storage.add(comment(1)));
}

TEST_F(SharedFile, StopsInTimeWhileAStoppedProcessHoldsTheLock) {
  SharedCounters step;
  ChildProcess holder{[&] {
    while (step[0] == 0) ::usleep(1000);
    FileLock lock{options_.master_path + ".lock"};
    lock.lock(FileLock::Byte::write);
    ::raise(SIGSTOP);
    return 0;
  }};
  Node node{options_};
  step[0] = 1;
  ASSERT_TRUE(holder.wait_until_stopped());
  auto waiting = node.storage.start_add(comment(1));
  const auto start = steady_clock::now();
  node.database.stop();
  EXPECT_LT(steady_clock::now() - start, 4s);
  EXPECT_FALSE(waiting.get());
}

}  // namespace
}  // namespace danwa::tests
