#include "infra/sqlite/write_transaction.hpp"

#include <gtest/gtest.h>

#include "infra/sqlite/node.hpp"
#include "support/temporary_directory.hpp"

// What the writer remembers of channels between its transactions.
namespace danwa::tests {
namespace {

using domain::Visibility;

class ChannelBookTest : public testing::Test {
 protected:
  sqlite::ChannelHeadCache::Known look() { return book_.look(connection_, Storage::lobby()); }
  void begin() {
    connection_.execute("BEGIN IMMEDIATE");
    book_.begin(connection_);
  }
  void commit() {
    book_.flush(connection_);
    connection_.execute("COMMIT");
  }
  /// Writes the first update's place, and a visibility.
  void set(Visibility visibility) {
    sqlite::WriteTransaction transaction{connection_, book_, std::nullopt, std::nullopt};
    book_.next(connection_, Storage::lobby(), at(1));
    transaction.save_settings(Storage::lobby(), {company(), conversation(), {}, visibility});
  }
  int statements() {
    int run = 0;
    for (auto* each = sqlite3_next_stmt(connection_.handle(), nullptr); each != nullptr;
         each = sqlite3_next_stmt(connection_.handle(), each)) {
      run += sqlite3_stmt_status(each, SQLITE_STMTSTATUS_RUN, 0);
    }
    return run;
  }

  TemporaryDirectory directory_;
  std::string path_ = directory_.file("danwa.db");
  Node node_{{.master_path = path_}};  // makes the schema
  sqlite::Connection connection_{{.path = path_, .access = sqlite::Access::read_write}};
  sqlite::ChannelHeadCache book_;
};

TEST_F(ChannelBookTest, MakesNoRowByLooking) {
  begin();
  EXPECT_EQ(look().channel, 0);
  EXPECT_EQ(look().visibility, Visibility::open);
  commit();
  EXPECT_EQ(query_text(path_, "SELECT count(*) FROM channels"), "0");
}

TEST_F(ChannelBookTest, KnowsAVisibilityThatItsOwnWriterSets) {
  begin();
  EXPECT_EQ(look().visibility, Visibility::open);
  set(Visibility::restricted);
  EXPECT_EQ(look().visibility, Visibility::restricted);
  EXPECT_EQ(look().head, 1u);
  EXPECT_NE(look().channel, 0);
  commit();
  begin();
  EXPECT_EQ(look().visibility, Visibility::restricted);
  commit();
}

TEST_F(ChannelBookTest, ForgetsWhatWasRolledBack) {
  begin();
  connection_.execute("SAVEPOINT action");
  set(Visibility::restricted);
  connection_.execute("ROLLBACK TO action");
  book_.forget();
  EXPECT_EQ(look().visibility, Visibility::open);
  EXPECT_EQ(look().channel, 0);
  EXPECT_EQ(book_.next(connection_, Storage::lobby(), at(1)).seq, 1u);
  commit();
  EXPECT_EQ(query_text(path_, "SELECT head || ' ' || visibility FROM channels"), "1 0");
}

TEST_F(ChannelBookTest, AsksForAnOpenConversationOnce) {
  begin();
  sqlite::WriteTransaction transaction{connection_, book_, std::nullopt, std::nullopt};
  book_.next(connection_, Storage::lobby(), at(1));
  const int before = statements();
  EXPECT_TRUE(transaction.enter(Storage::lobby(), user("bob")));
  EXPECT_EQ(statements(), before);
  set(Visibility::restricted);
  const int closed = statements();
  EXPECT_FALSE(transaction.enter(Storage::lobby(), user("bob")));
  EXPECT_EQ(statements(), closed + 1);
  commit();
}

}  // namespace
}  // namespace danwa::tests
