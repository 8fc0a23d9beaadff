#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "infra/postgres/database_import.hpp"
#include "infra/postgres/hostile_settings.hpp"
#include "infra/postgres/postgres_node.hpp"

// What a session would inherit from its role, its database or its environment and that would change what our
// statements mean.

namespace danwa::tests {
namespace {

using usecase::IdempotencyKey;

/// Writes and reads everything that texts, arrays, times and transactions could spoil.
void expect_all_as_ever(PostgresNode& node) {
  auto plain = comment(1, "NULL");
  ASSERT_TRUE(node.storage.add(plain));
  ASSERT_TRUE(node.storage.add(comment(2, "NULL")));  // without a key, too: nothing may become the word NULL
  auto rich = comment(3, "h\xC3\xA9 \xF0\x9F\x98\x80 \\ ' \" {,} NULL");
  rich.client_ref = "NULL";
  const IdempotencyKey key{"NULL", "hash"};
  ASSERT_TRUE(node.storage.add(rich, key));
  EXPECT_TRUE(node.storage.add(comment(4), key)->replayed);
  EXPECT_EQ(node.storage.find(comment_id(1))->client_ref, std::nullopt);
  const auto found = node.storage.find(comment_id(3));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->content, rich.content);
  EXPECT_EQ(found->client_ref, "NULL");
  EXPECT_EQ(found->created_at, rich.created_at);
  ASSERT_TRUE(node.storage.edit(comment_id(2), "better", at(9)));
  ASSERT_TRUE(node.storage.remove(comment_id(1), at(10)));
  ASSERT_TRUE(node.storage.configure(node.storage.by(user(), conversation("room")),
                                     {domain::ConversationTitle::trusted("NULL"), domain::Visibility::restricted}));
  EXPECT_EQ(node.storage.view(user(), conversation("room"))->conversation.title->value(), "NULL");
  ASSERT_TRUE(node.storage.join(node.storage.by(user(), conversation("room")), user("bob")));
  ASSERT_TRUE(node.storage.notify(notification(1, domain::ChannelKey::inbox(company(), user("ann"))), key));
  EXPECT_TRUE(node.storage.notify(notification(2, domain::ChannelKey::inbox(company(), user("ann"))), key)->replayed);
  const auto page = node.storage.read(1, 9);
  ASSERT_EQ(page->updates.size(), 5U);
  EXPECT_EQ(page->updates[2].body,
            domain::UpdateBody(domain::CommentAdded{rich.id, rich.author, rich.content, rich.client_ref}));
  EXPECT_EQ(node.storage.conversations(std::nullopt, 9)->size(), 2U);
}

class HostileSetting : public testing::TestWithParam<Inherited> {};

TEST_P(HostileSetting, OfTheDatabaseChangesNothing) {
  const OwnDatabase own;
  own.ask("ALTER DATABASE " + own.name() + altered(GetParam()));
  PostgresNode node{postgres::PostgresOptions{.master = own.url()}};
  expect_all_as_ever(node);
}

INSTANTIATE_TEST_SUITE_P(Postgres, HostileSetting, testing::ValuesIn(kHostile));

TEST(PostgresSession, OfARoleThatSpoilsEverythingAtOnceIsAsEver) {
  const OwnDatabase own;
  const std::string role = "hostile_" + own.name();
  own.ask("CREATE ROLE " + role + " SUPERUSER LOGIN");
  for (const auto& setting : kHostile) own.ask("ALTER ROLE " + role + altered(setting));
  auto url = own.url();
  url.replace(url.find("user=danwa"), 10, "user=" + role);
  {
    PostgresNode node{postgres::PostgresOptions{.master = url, .replicas = {url}}};
    expect_all_as_ever(node);
  }
  own.ask("DROP ROLE " + role);
}

TEST(PostgresSession, TakesNoPartInWhatTheEnvironmentSays) {
  const OwnDatabase own;
  const std::vector<std::pair<const char*, const char*>> variables{
      {"PGCLIENTENCODING", "LATIN1"},
      {"PGTARGETSESSIONATTRS", "standby"},
      {"PGTZ", "Pacific/Kiritimati"},
      {"PGDATESTYLE", "SQL, DMY"},
      {"PGOPTIONS", "-c array_nulls=off -c standard_conforming_strings=off -c search_path=nowhere"}};
  for (const auto& [name, value] : variables) ::setenv(name, value, 1);
  {
    PostgresNode node{postgres::PostgresOptions{.master = own.url(), .replicas = {own.url()}}};
    expect_all_as_ever(node);
  }
  for (const auto& [name, value] : variables) ::unsetenv(name);
  EXPECT_EQ(own.ask("SELECT content FROM comments WHERE seq = 3"), "h\xC3\xA9 \xF0\x9F\x98\x80 \\ ' \" {,} NULL");
}

std::string reason_against(const std::string& url) {
  try {
    PostgresNode node{postgres::PostgresOptions{.master = url}};
  } catch (const std::runtime_error& refused) {
    return refused.what();
  }
  return "none";
}

TEST(PostgresSession, OfACopyIsAsEver) {
  const HostileDatabase own;
  using adapters::CopiedRow;
  constexpr std::int64_t kChannel = 7;
  constexpr std::int64_t kOne = 1;
  constexpr std::int64_t kTime = 1000;
  constexpr std::int64_t kNo = 0;
  const std::string text = "h\xC3\xA9 \\ \t \n NULL \\N";
  const auto id = comment_id(1).value;
  const std::map<std::string_view, CopiedRow> rows{
      {"channels", {kChannel, kOne, kTime, kOne, kNo, kNo, kNo, "acme", "lobby", "NULL", "NULL"}},
      {"comments",
       {id, kChannel, kOne, kOne, kTime, kTime, kNo, "acme", "ann", "NULL", std::monostate{}, std::monostate{}, text}},
      {"updates", {kChannel, kOne, kNo, kTime, id, "ann", std::monostate{}, "NULL", text}}};
  postgres::DatabaseImport import{own.url()};
  for (const auto& table : adapters::kCopiedTables) {
    import.start(table);
    if (const auto row = rows.find(table.name); row != rows.end()) import.write(row->second);
    import.finish();
  }
  import.commit(std::string(32, 'a'));
  PostgresNode node{own};
  EXPECT_EQ(node.storage.find(comment_id(1))->content.value(), text);
  EXPECT_EQ(node.storage.find(comment_id(1))->client_ref, "NULL");
  EXPECT_EQ(node.storage.view()->conversation.title->value(), "NULL");
  EXPECT_EQ(node.storage.add(comment(2))->comment.seq, 2U);
  EXPECT_EQ(node.storage.read(1, 9)->updates.size(), 2U);
}

TEST(PostgresSession, OfADatabaseInAnotherEncodingIsRefusedWithItsNameAndTheCure) {
  for (const std::string encoding : {"LATIN1", "SQL_ASCII", "EUC_JP"}) {
    const OwnDatabase admin;
    const auto name = "other_" + admin.name();
    admin.ask("CREATE DATABASE " + name + " ENCODING '" + encoding + "' TEMPLATE template0");
    const auto said = reason_against(shared_primary().url(name));
    EXPECT_NE(said.find("cannot use the database"), std::string::npos) << said;
    EXPECT_NE(said.find("the encoding " + encoding + ", danwa needs UTF8"), std::string::npos) << said;
    EXPECT_NE(said.find("createdb -E UTF8"), std::string::npos) << said;
    admin.ask("DROP DATABASE " + name);
  }
}

TEST(PostgresSession, OfTablesThatOnlyARolesSearchPathNamesIsRefusedUntilTheUrlNamesIt) {
  const OwnDatabase own{shared_primary(), true};
  own.ask("CREATE SCHEMA chat");
  const auto url = own.url() + "&options=-csearch_path%3Dchat";
  { EXPECT_TRUE(PostgresNode{postgres::PostgresOptions{.master = url}}.storage.add(comment(1))); }
  own.ask("ALTER DATABASE " + own.name() + " SET search_path = chat");
  const auto said = reason_against(own.url());
  EXPECT_NE(said.find("add options=-csearch_path%3Dchat to the URL"), std::string::npos) << said;
  PostgresNode node{postgres::PostgresOptions{.master = url}};
  EXPECT_TRUE(node.storage.find(comment_id(1)));
}

TEST(PostgresSession, OfAServerWhoseConfigurationForbidsWritesIsRefusedWithItsName) {
  PostgresServer server;
  Sql admin{server.url()};
  admin.ask("CREATE DATABASE chat");
  admin.ask("ALTER SYSTEM SET default_transaction_read_only = on");
  admin.ask("SELECT pg_reload_conf()");
  ASSERT_TRUE(wait_for([&] { return Sql{server.url()}.ask("SHOW default_transaction_read_only") == "on"; }));
  const auto said = reason_against(server.url("chat"));
  EXPECT_NE(said.find("default_transaction_read_only is on in the server's configuration"), std::string::npos) << said;
}

TEST(PostgresSession, TellsOfAServerThatDoesNotKeepWhatItSays) {
  const OwnDatabase own;  // the test's server runs without fsync
  PostgresNode node{own};
  EXPECT_TRUE(node.logger.has("database.not-durable"));
}

}  // namespace
}  // namespace danwa::tests
