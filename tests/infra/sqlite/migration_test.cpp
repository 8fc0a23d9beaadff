#include <gtest/gtest.h>

#include "infra/sqlite/migrations.hpp"
#include "infra/sqlite/node.hpp"
#include "infra/sqlite/schema_1.hpp"
#include "support/temporary_directory.hpp"

// A file that was made and filled by a program of schema 1.
namespace danwa::tests {
namespace {

class FileOfSchema1 : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(execute_sql(options_.master_path, kSchema1WithRows), SQLITE_OK); }

  std::string ask(const std::string& sql) { return query_text(options_.master_path, sql); }

  TemporaryDirectory directory_;
  sqlite::SqliteOptions options_{.master_path = directory_.file("danwa.db")};
};

TEST_F(FileOfSchema1, IsMigratedAndKeepsItsEpoch) {
  Node node{options_};
  EXPECT_EQ(ask("PRAGMA user_version"), std::to_string(sqlite::newest_schema()));
  EXPECT_EQ(ask("PRAGMA integrity_check"), "ok");
  EXPECT_EQ(node.database.epoch(), "feed0123456789abcdeffeed01234567");
}

TEST_F(FileOfSchema1, IsNotWrittenOnceANewerProgramHasMigratedIt) {
  Node node{options_};
  ASSERT_TRUE(node.storage.add(comment(7)));
  EXPECT_TRUE(node.database.healthy());
  ASSERT_EQ(execute_sql(options_.master_path, "PRAGMA user_version = 1000"), SQLITE_OK);
  for (std::uint64_t n = 8; n < 11; ++n) {
    const auto refused = node.storage.add(comment(n));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().first().code, "schema-newer");
    EXPECT_EQ(refused.error().first().kind, domain::ErrorKind::unavailable);
  }
  EXPECT_FALSE(node.database.healthy());
  EXPECT_EQ(ask("SELECT count(*) FROM meta WHERE name = 'settled'"), "0");  // nor to prove that it could be written
}

TEST_F(FileOfSchema1, HasTheSameSchemaAsANewOneThen) {
  const std::string fresh = directory_.file("fresh.db");
  Node migrated{options_};
  Node made{{.master_path = fresh}};
  const std::string names =
      "SELECT group_concat(name || ' ' || sql, ';') FROM "
      "(SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name)";
  EXPECT_EQ(ask(names), query_text(fresh, names));
}

TEST_F(FileOfSchema1, ReadsAsBefore) {
  Node node{options_};
  const auto found = node.storage.find(comment_id(1));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->content.value(), "edited");
  EXPECT_EQ(found->version, 2u);
  EXPECT_EQ(found->client_ref, "mark");
  const auto page = node.storage.read(1, 10);
  ASSERT_EQ(page->updates.size(), 5u);
  EXPECT_EQ(page->updates[0].body, domain::UpdateBody(domain::CommentAdded{
                                       comment_id(1), user(), domain::CommentContent::trusted("hello"), "mark"}));
  EXPECT_EQ(page->updates[1].body,
            domain::UpdateBody(domain::CommentAdded{comment_id(2), user("bob"), std::nullopt, std::nullopt}));
  EXPECT_EQ(page->updates[2].body, domain::UpdateBody(domain::CommentUpdated{
                                       comment_id(1), user(), domain::CommentContent::trusted("edited")}));
  EXPECT_EQ(page->updates[3].body, domain::UpdateBody(domain::CommentDeleted{comment_id(2), user("bob"), user("bob")}));
  EXPECT_EQ(page->updates[4].seq, 5u);
  EXPECT_EQ(node.storage.list({})->comments.size(), 2u);
  const auto listed = node.storage.conversations(std::nullopt, 10);
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->at(0).head, 5u);
  EXPECT_EQ(listed->at(0).visibility, domain::Visibility::open);
  EXPECT_EQ(listed->at(0).title, std::nullopt);
}

TEST_F(FileOfSchema1, ListsItsConversationsInTheOrderOfTheLogThen) {
  ASSERT_EQ(
      execute_sql(options_.master_path,
                  "INSERT INTO channels(id, head, last_activity_ms, activity_minute, kind, company, key) "
                  "VALUES(8, 1, 1000, 0, 0, 'acme', 'kitchen');"
                  "INSERT INTO updates(channel_id, seq, type, occurred_ms, comment_id, author, client_ref) "
                  "VALUES(8, 1, 3, 1000, x'00000000000000040000000000000000', 'ann', 'mark');"
                  "INSERT INTO comments(id, channel_id, seq, version, created_ms, updated_ms, removed, company, "
                  "author, client_ref, idempotency_key, request_hash) VALUES(x'00000000000000040000000000000000', "
                  "8, 1, 1, 1000, 1000, 1, 'acme', 'ann', 'mark', 'k2', 'hash')"),
      SQLITE_OK);
  Node node{options_};
  const auto names = [&] {
    std::string all;
    const auto listed = node.storage.conversations(std::nullopt, 9);
    for (const auto& found : *listed) all += found.key.value() + ' ';
    return all;
  };
  EXPECT_EQ(names(), "kitchen lobby ");
  ASSERT_TRUE(node.storage.add(comment(10)));
  EXPECT_EQ(names(), "lobby kitchen ");
  EXPECT_EQ(ask("SELECT count(*) FROM comments WHERE removed AND (client_ref || request_hash) IS NOT NULL"), "0");
  EXPECT_EQ(ask("SELECT count(*) FROM updates WHERE type = 3 AND client_ref IS NOT NULL"), "0");
}

TEST_F(FileOfSchema1, KnowsWhoWroteInItsConversations) {
  Node node{options_};
  EXPECT_EQ(ask("SELECT ifnull(sole_writer, 'several') FROM channels"), "several");
  const auto rule = [](const auto& view, const auto& wanted) {
    return view.conversation.configured({company(), user(), {}, {}, {}}, view.membership, wanted);
  };
  EXPECT_FALSE(node.storage.configure(node.storage.by(user()), {std::nullopt, domain::Visibility::restricted}, rule));
}

TEST_F(FileOfSchema1, GoesOnWhereItWas) {
  Node node{options_};
  EXPECT_TRUE(node.storage.add(comment(9), usecase::IdempotencyKey{"k1", "hash"})->replayed);
  EXPECT_EQ(node.storage.add(comment(10))->comment.seq, 6u);
  EXPECT_EQ(node.storage.remove(comment_id(1), at(9))->seq, 7u);
  EXPECT_EQ(std::get<domain::CommentUpdated>(node.storage.read(3, 3)->updates[0].body).content, std::nullopt);
  const auto set_up = node.storage.configure(node.storage.by(user()), {std::nullopt, domain::Visibility::restricted});
  ASSERT_TRUE(set_up);
  EXPECT_FALSE(set_up->created);
  EXPECT_EQ(set_up->view.head, 9u);
}

}  // namespace
}  // namespace danwa::tests
