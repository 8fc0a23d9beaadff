#include "infra/sqlite/database_copy.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "infra/sqlite/migrations.hpp"
#include "infra/sqlite/node.hpp"
#include "infra/sqlite/schema_1.hpp"
#include "support/temporary_directory.hpp"

namespace danwa::tests {
namespace {

class DatabaseCopy : public testing::Test {
 protected:
  /// Why it cannot be done; empty when it could.
  template <class Action>
  static std::string refusal(Action action) {
    try {
      action();
      return "";
    } catch (const std::runtime_error& refused) {
      return refused.what();
    }
  }
  std::string refused_copy(const std::string& target) {
    return refusal([&] { sqlite::copy_database(options_.master_path, target); });
  }
  std::string refused_restore(const std::string& source) {
    return refusal([&] { sqlite::restore_database(source, options_.master_path); });
  }
  static bool holds(const std::string& text, const std::string& part) {
    if (text.find(part) == std::string::npos) ADD_FAILURE() << "not told: " << text;
    return text.find(part) != std::string::npos;
  }
  std::size_t files() const {
    const std::filesystem::directory_iterator all{std::filesystem::path{copy_}.parent_path()};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  /// The logs in `path` that have a hole, a repetition, or another head than their last update.
  static std::string broken_logs(const std::string& path) {
    return query_text(path,
                      "SELECT count(*) FROM channels LEFT JOIN (SELECT channel_id, count(*) AS n, min(seq) AS first, "
                      "max(seq) AS last FROM updates GROUP BY channel_id) ON channel_id = id "
                      "WHERE head <> n OR head <> last OR first <> 1 OR n IS NULL");
  }

  TemporaryDirectory directory_;
  TemporaryDirectory backups_;
  sqlite::SqliteOptions options_{.master_path = directory_.file("danwa.db"), .full_sync = false};
  const std::string copy_ = backups_.file("copy.db");
};

TEST_F(DatabaseCopy, HoldsWhatWasCommitted) {
  Node node{options_};
  const auto written = node.storage.add(comment(1));
  const auto report = sqlite::copy_database(options_.master_path, copy_);
  EXPECT_EQ(report.position, written->position);
  EXPECT_EQ(report.schema, sqlite::newest_schema());
  EXPECT_EQ(report.bytes, std::filesystem::file_size(copy_));
  EXPECT_EQ(files(), 1U);  // no write-ahead log beside it
  Node copy{{.master_path = copy_}};
  EXPECT_EQ(copy.database.epoch(), node.database.epoch());
  EXPECT_EQ(copy.storage.find(comment_id(1))->seq, written->comment.seq);
}

TEST_F(DatabaseCopy, IsOneStateWhileOthersWrite) {
  Node node{options_};
  std::atomic<bool> stop{false};
  std::thread writer{[&] {
    Node other{options_};
    for (std::uint64_t n = 1; !stop; n += 2) {
      std::vector<std::future<domain::Result<Storage::Repository::Added>>> adding;
      for (std::uint64_t i = 0; i < 64; ++i) {
        auto made = comment(n * 1000 + i, std::string(200, 'x'));
        made.conversation = conversation("room " + std::to_string(i % 7));
        adding.push_back(other.storage.start_add(std::move(made)));
      }
      for (auto& one : adding) EXPECT_TRUE(one.get());
    }
  }};
  domain::Position before;
  for (int round = 0; round < 8; ++round) {
    for (std::uint64_t n = 0; n < 20; ++n) {
      const auto id = 1'000'000'000 + static_cast<std::uint64_t>(round) * 100 + n;
      ASSERT_TRUE(node.storage.add(comment(id)));
    }
    const auto acknowledged = *node.storage.position();
    const auto target = copy_ + std::to_string(round);
    const auto report = sqlite::copy_database(options_.master_path, target);
    EXPECT_TRUE(report.position.covers(acknowledged));
    EXPECT_TRUE(round == 0 || report.position.covers(before));
    EXPECT_EQ(broken_logs(target), "0");
    EXPECT_EQ(query_text(target, "SELECT count(*) - (SELECT count(*) FROM updates WHERE type = 0) FROM comments"), "0");
    EXPECT_EQ(query_text(target, "SELECT max(position) FROM updates"), std::to_string(report.position.number));
    before = report.position;
  }
  stop = true;
  writer.join();
}

TEST_F(DatabaseCopy, CanBeServedAtOnce) {
  {
    Node node{options_};
    ASSERT_TRUE(node.storage.add(comment(1)));
    sqlite::copy_database(options_.master_path, copy_);
  }
  Node copy{{.master_path = copy_}};
  EXPECT_EQ(copy.storage.add(comment(2))->comment.seq, 2U);
  EXPECT_EQ(query_text(copy_, "PRAGMA journal_mode"), "wal");
}

TEST_F(DatabaseCopy, HoldsNoTextThatWasRemoved) {
  Node node{options_};
  ASSERT_TRUE(node.storage.add(comment(1, "a very secret text")));
  ASSERT_TRUE(node.storage.remove(comment_id(1), at(9)));
  sqlite::copy_database(options_.master_path, copy_);
  std::ifstream in{copy_, std::ios::binary};
  const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_EQ(bytes.find("very secret"), std::string::npos);
}

TEST_F(DatabaseCopy, OfAnOlderSchemaKeepsIt) {
  ASSERT_EQ(execute_sql(options_.master_path, kSchema1WithRows), SQLITE_OK);
  const auto report = sqlite::copy_database(options_.master_path, copy_);
  EXPECT_EQ(report.schema, 1);
  EXPECT_EQ(report.position.epoch, "feed0123456789abcdeffeed01234567");
}

TEST_F(DatabaseCopy, NeverOverwrites) {
  { Node node{options_}; }
  std::ofstream{copy_} << "precious";
  EXPECT_TRUE(holds(refused_copy(copy_), "there is a file"));
  std::ifstream in{copy_};
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>{in}, {}), "precious");
  std::filesystem::create_symlink("nowhere", copy_ + ".link");
  EXPECT_TRUE(holds(refused_copy(copy_ + ".link"), "there is a file"));
  EXPECT_EQ(files(), 2U);
}

TEST_F(DatabaseCopy, OfWhatIsNoDatabaseIsRefusedAndLeavesNothing) {
  EXPECT_TRUE(holds(refused_copy(copy_), "there is no file"));
  std::ofstream{options_.master_path} << "this is no database, however long it may be " << std::string(5000, 'x');
  EXPECT_TRUE(holds(refused_copy(copy_), "not a database"));
  std::filesystem::remove(options_.master_path);
  ASSERT_EQ(execute_sql(options_.master_path, "CREATE TABLE other(x)"), SQLITE_OK);
  EXPECT_TRUE(holds(refused_copy(copy_), "another program"));
  std::filesystem::resize_file(options_.master_path, 0);
  EXPECT_TRUE(holds(refused_copy(copy_), "no database of danwa"));
  EXPECT_EQ(files(), 0U);
}

TEST_F(DatabaseCopy, OfANewerSchemaOrIntoNowhereIsRefused) {
  { Node node{options_}; }
  EXPECT_TRUE(holds(refused_copy(backups_.file("nowhere/copy.db")), "cannot make a file in"));
  ASSERT_EQ(execute_sql(options_.master_path, "PRAGMA user_version = 1000"), SQLITE_OK);
  EXPECT_TRUE(holds(refused_copy(copy_), "newer program"));
  EXPECT_EQ(files(), 0U);
}

TEST_F(DatabaseCopy, OfACorruptFileIsNotKept) {
  {
    Node node{options_};
    for (std::uint64_t n = 1; n <= 300; ++n) ASSERT_TRUE(node.storage.add(comment(n, std::string(500, 'x'))));
  }
  ASSERT_EQ(execute_sql(options_.master_path, "PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
  std::fstream file{options_.master_path, std::ios::in | std::ios::out | std::ios::binary};
  for (std::streamoff page = 20; page < 60; ++page) {
    file.seekp(page * 2048);
    file << std::string(64, '\xff');
  }
  file.close();
  EXPECT_NE(refused_copy(copy_), "");
  EXPECT_EQ(files(), 0U);
}

TEST_F(DatabaseCopy, IsRestoredUnderANewEpochWithItsNumbers) {
  domain::Position seen;
  domain::Epoch epoch;
  {
    Node node{options_};
    ASSERT_TRUE(node.storage.add(comment(1)));
    sqlite::copy_database(options_.master_path, copy_);
    seen = node.storage.add(comment(2))->position;
    epoch = node.database.epoch();
  }
  EXPECT_TRUE(holds(refused_restore(copy_), "there is a file"));
  std::filesystem::remove(options_.master_path);
  std::ofstream{options_.master_path + "-wal"} << "of another";
  EXPECT_TRUE(holds(refused_restore(copy_), "danwa.db-wal"));
  std::filesystem::remove(options_.master_path + "-wal");
  const auto report = sqlite::restore_database(copy_, options_.master_path);
  Node node{options_};
  EXPECT_NE(node.database.epoch(), epoch);
  EXPECT_EQ(node.database.epoch(), report.position.epoch);
  const auto page = node.storage.read(1, 9, 9, Storage::lobby(), usecase::Freshness::after(seen));
  EXPECT_EQ(page->head, 1U);
  EXPECT_EQ(page->position, report.position);
  EXPECT_EQ(node.storage.add(comment(3))->comment.seq, 2U);
  EXPECT_EQ(query_text(copy_, "SELECT value FROM meta WHERE name = 'epoch'"), epoch);  // the copy stays as it was
}

}  // namespace
}  // namespace danwa::tests
