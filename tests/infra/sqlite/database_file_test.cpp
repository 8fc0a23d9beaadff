#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "infra/sqlite/migrations.hpp"
#include "infra/sqlite/node.hpp"
#include "support/temporary_directory.hpp"

namespace danwa::tests {
namespace {

class DatabaseFile : public testing::Test {
 protected:
  /// Why the database cannot be opened; empty when it can.
  std::string refusal() {
    try {
      Node node{options_};
      return "";
    } catch (const std::runtime_error& refused) {
      return refused.what();
    }
  }
  bool is_refused_for(const std::string& reason) {
    const std::string text = refusal();
    const bool named = text.find(reason) != std::string::npos && text.find(options_.master_path) != std::string::npos;
    if (!named) ADD_FAILURE() << "refusal: " << text;
    return named;
  }

  TemporaryDirectory directory_;
  sqlite::SqliteOptions options_{.master_path = directory_.file("danwa.db")};
};

TEST_F(DatabaseFile, IsMadeWithTheNewestSchema) {
  Node node{options_};
  EXPECT_EQ(query_text(options_.master_path, "PRAGMA user_version"), std::to_string(sqlite::newest_schema()));
  EXPECT_EQ(query_text(options_.master_path, "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(query_text(options_.master_path, "PRAGMA page_size"), "2048");
  EXPECT_EQ(node.database.epoch().size(), 32u);
  EXPECT_TRUE(node.logger.has("database.opened"));
}

TEST_F(DatabaseFile, KeepsItsEpochAndItsRows) {
  domain::Epoch epoch;
  {
    Node node{options_};
    epoch = node.database.epoch();
    ASSERT_TRUE(node.storage.add(comment(1)));
  }
  Node again{options_};
  EXPECT_EQ(again.database.epoch(), epoch);
  EXPECT_TRUE(again.storage.find(comment_id(1)));
}

TEST_F(DatabaseFile, OfANewerSchemaIsRefused) {
  ASSERT_EQ(refusal(), "");
  ASSERT_EQ(execute_sql(options_.master_path, "PRAGMA user_version = 1000"), SQLITE_OK);
  EXPECT_TRUE(is_refused_for("newer program"));
}

TEST_F(DatabaseFile, OfAnotherProgramIsRefused) {
  ASSERT_EQ(execute_sql(options_.master_path, "CREATE TABLE theirs(a)"), SQLITE_OK);
  EXPECT_TRUE(is_refused_for("another program"));
}

TEST_F(DatabaseFile, ThatIsNoDatabaseIsRefused) {
  std::ofstream{options_.master_path} << std::string(5000, 'x');
  EXPECT_TRUE(is_refused_for("not a SQLite database"));
}

TEST_F(DatabaseFile, ThatIsCutShortIsRefused) {
  {
    Node node{options_};
    for (std::uint64_t n = 1; n <= 200; ++n) ASSERT_TRUE(node.storage.add(comment(n, std::string(500, 'x'))));
  }
  std::filesystem::resize_file(options_.master_path, std::filesystem::file_size(options_.master_path) / 8192 * 4096);
  EXPECT_TRUE(is_refused_for("corrupt"));
}

TEST_F(DatabaseFile, InADirectoryThatIsNotThereIsRefused) {
  options_.master_path = directory_.file("absent/danwa.db");
  EXPECT_TRUE(is_refused_for("there is no directory " + directory_.file("absent")));
}

TEST_F(DatabaseFile, NeedsItsReplicaToExist) {
  options_.replica_path = directory_.file("absent.db");
  EXPECT_EQ(refusal(), "cannot read the database " + options_.replica_path + ": unable to open database file");
}

TEST_F(DatabaseFile, ServesPagesFromItsReplica) {
  ASSERT_EQ(refusal(), "");
  options_.replica_path = directory_.file("replica.db");
  std::filesystem::copy_file(options_.master_path, options_.replica_path);
  options_.max_lag = std::chrono::hours{1};
  Node node{options_};
  ASSERT_TRUE(node.storage.add(comment(1)));
  EXPECT_EQ(node.storage.head()->seq, 1u);        // master
  EXPECT_EQ(node.storage.read(1, 10)->head, 0u);  // replica, which nobody feeds here
}

}  // namespace
}  // namespace danwa::tests
