#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "infra/sqlite/database_copy.hpp"
#include "infra/sqlite/node.hpp"
#include "infra/sqlite/rows.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait_for.hpp"

// What the file looks like from outside: its size, and what is left of removed texts.
namespace danwa::tests {
namespace {

class Upkeep : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  sqlite::SqliteOptions options_{.master_path = directory_.file("danwa.db")};

  static bool holds(const std::string& path, const std::string& text) {
    std::ifstream file{path, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    return bytes.find(text) != std::string::npos;
  }

  static void post_many(Node& node, std::uint64_t from, std::uint64_t count, const std::string& text) {
    std::vector<std::future<domain::Result<usecase::CommentRepository::Added>>> answers;
    for (std::uint64_t n = from; n < from + count; ++n) {
      answers.push_back(node.storage.start_add(comment(n, text)));
      if (answers.size() < 64) continue;
      for (auto& answer : answers) ASSERT_TRUE(answer.get());
      answers.clear();
    }
    for (auto& answer : answers) ASSERT_TRUE(answer.get());
  }
};

TEST_F(Upkeep, KeepsTheWriteAheadLogBounded) {
  options_.full_sync = false;
  options_.checkpoint_bytes = 1U << 20U;
  options_.forced_bytes = 4U << 20U;
  Node node{options_};
  post_many(node, 1, 8000, std::string(2000, 'x'));
  const auto wal = std::filesystem::file_size(options_.master_path + "-wal");
  EXPECT_GT(node.metrics.checkpoints.value(), 2u);
  EXPECT_LT(wal, 8U << 20U);
  EXPECT_GT(std::filesystem::file_size(options_.master_path), 16U << 20U);
}

TEST_F(Upkeep, LeavesNoRemovedTextInTheFile) {
  const std::string secret = "a-text-nobody-may-find-again";
  const std::string long_secret = secret + std::string(6000, 'y');
  {
    Node node{options_};
    ASSERT_TRUE(node.storage.add(comment(1, secret)));
    ASSERT_TRUE(node.storage.add(comment(2, "stays")));
    ASSERT_TRUE(node.storage.edit(comment_id(1), long_secret, at(5)));
  }
  ASSERT_TRUE(holds(options_.master_path, secret));
  {
    Node node{options_};
    ASSERT_TRUE(node.storage.remove(comment_id(1), at(6)));
    EXPECT_EQ(query_text(options_.master_path,
                         "SELECT (SELECT count(*) FROM comments WHERE content LIKE 'a-text%') + "
                         "(SELECT count(*) FROM updates WHERE content LIKE 'a-text%')"),
              "0");
  }
  EXPECT_FALSE(holds(options_.master_path, secret));
  EXPECT_FALSE(holds(options_.master_path, std::string(500, 'y')));
  EXPECT_TRUE(holds(options_.master_path, "stays"));
  EXPECT_FALSE(std::filesystem::exists(options_.master_path + "-wal"));
}

TEST_F(Upkeep, LeavesNoRemovedTextInTheWriteAheadLogOfANodeThatGoesOn) {
  options_.erase_within = std::chrono::milliseconds{100};
  const std::string wal = options_.master_path + "-wal";
  Node node{options_};
  auto made = comment(1, "a-text-nobody-may-find-again");
  made.client_ref = "a-mark-nobody-may-find";
  ASSERT_TRUE(node.storage.add(made, usecase::IdempotencyKey{"key", "a-hash-nobody-may-find"}));
  ASSERT_TRUE(node.storage.add(comment(2, "stays")));
  ASSERT_TRUE(node.storage.remove(comment_id(1), at(6)));
  const auto left = [&](const std::string& path) {
    return holds(path, "a-text-nobody") || holds(path, "a-mark-nobody") || holds(path, "a-hash-nobody");
  };
  EXPECT_TRUE(wait_for([&] { return !left(wal); }));
  EXPECT_FALSE(left(options_.master_path));
  EXPECT_TRUE(holds(options_.master_path, "stays"));
  ASSERT_TRUE(node.storage.add(comment(3)));
  sqlite::copy_database(options_.master_path, directory_.file("copy.db"));
  EXPECT_FALSE(left(directory_.file("copy.db")));
}

TEST_F(Upkeep, EmptiesTheWriteAheadLogOnceAReaderHasEnded) {
  options_.erase_within = std::chrono::milliseconds{100};
  const std::string wal = options_.master_path + "-wal";
  Node node{options_};
  ASSERT_TRUE(node.storage.add(comment(1, "a-text-nobody-may-find-again")));
  {
    sqlite::Connection reader{{.path = options_.master_path}};
    const sqlite::ReadTransaction snapshot{reader};
    sqlite::read_epoch(reader);
    ASSERT_TRUE(node.storage.remove(comment_id(1), at(6)));
    ASSERT_TRUE(wait_for([&] { return node.metrics.checkpoints.value() > 0; }));
    EXPECT_TRUE(holds(wal, "a-text-nobody-may-find-again"));
    EXPECT_TRUE(node.storage.add(comment(2)));
  }
  EXPECT_TRUE(wait_for([&] { return !holds(wal, "a-text-nobody-may-find-again"); }));
}

}  // namespace
}  // namespace danwa::tests
