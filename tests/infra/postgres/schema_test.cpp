#include <gtest/gtest.h>

#include <thread>

#include "infra/postgres/migrations.hpp"
#include "infra/postgres/postgres_node.hpp"

namespace danwa::tests {
namespace {

TEST(PostgresSchema, IsMadeOnceByNodesThatStartTogether) {
  const OwnDatabase own{shared_primary(), true};
  std::vector<std::thread> nodes;
  std::vector<postgres::MigrationResult> results(4);
  for (auto& result : results) nodes.emplace_back([&] { result = postgres::migrate_postgres(own.url()); });
  for (auto& node : nodes) node.join();
  int made = 0;
  for (const auto& result : results) {
    made += result.before == 0 ? 1 : 0;
    EXPECT_EQ(result.after, postgres::kNewestSchema);
    EXPECT_EQ(result.log, results[0].log);
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(own.ask("SELECT count(*) FROM schema_migrations"), std::to_string(postgres::kNewestSchema));
}

TEST(PostgresSchema, OfTheFirstProgramIsBroughtUpToDate) {
  const OwnDatabase own{shared_primary(), true};
  own.ask(postgres::kSchema1);
  own.ask(
      "CREATE TABLE schema_migrations(version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now());"
      "INSERT INTO schema_migrations(version) VALUES(1);"
      "INSERT INTO channels(id, head, last_activity_ms, kind, company, key) OVERRIDING SYSTEM VALUE "
      "VALUES(101, 1, 1000, 0, 'acme', 'first'), (102, 1, 9000, 0, 'acme', 'second'), (103, 0, 0, 0, 'acme', 'vain')");
  const std::string id = "00000000-0000-0001-0000-000000000000";
  own.ask("INSERT INTO updates(channel_id, seq, type, occurred_ms, subject_id, author) VALUES(102, 1, 0, 9000, '" + id +
          "', 'ann')");
  own.ask(
      "INSERT INTO updates(channel_id, seq, type, occurred_ms, subject_id, author, client_ref) VALUES(101, 1, 3, "
      "1000, '" +
      id + "', 'ann', 'mark')");
  own.ask(
      "INSERT INTO comments(id, channel_id, seq, version, created_ms, updated_ms, removed, company, author, "
      "client_ref, idempotency_key, request_hash) VALUES('" +
      id + "', 101, 1, 1, 1000, 1000, true, 'acme', 'ann', 'mark', 'key', 'hash')");
  PostgresNode node{own};
  const auto names = [&] {
    std::string all;
    const auto listed = node.storage.conversations(std::nullopt, 9);
    for (const auto& found : *listed) all += found.key.value() + ' ';
    return all;
  };
  EXPECT_EQ(names(), "first second ");  // in the order of the transactions, not of the clocks
  ASSERT_TRUE(node.storage.add(comment_in(2, "second")));
  EXPECT_EQ(names(), "second first ");
  ASSERT_TRUE(node.storage.add(comment_in(3, "vain")));
  EXPECT_EQ(names(), "vain second first ");
  EXPECT_EQ(own.ask("SELECT count(*) FROM comments WHERE removed AND (client_ref || request_hash) IS NOT NULL"), "0");
  EXPECT_EQ(own.ask("SELECT count(*) FROM updates WHERE client_ref IS NOT NULL"), "0");
}

TEST(PostgresSchema, OfANewerProgramIsRefused) {
  const OwnDatabase own;
  own.ask("INSERT INTO schema_migrations(version) VALUES(99)");
  try {
    PostgresNode node{own};
    FAIL();
  } catch (const std::runtime_error& refused) {
    EXPECT_NE(std::string{refused.what()}.find("has schema 99, this program knows up to " +
                                               std::to_string(postgres::kNewestSchema)),
              std::string::npos);
  }
}

TEST(PostgresSchema, ThatANewerProgramHasMadeMeanwhileIsNotWritten) {
  const OwnDatabase own;
  PostgresNode node{own};
  ASSERT_TRUE(node.storage.add(comment(1)));
  EXPECT_TRUE(node.database.healthy());
  own.ask("INSERT INTO schema_migrations(version) VALUES(99)");
  for (std::uint64_t n = 2; n < 5; ++n) {
    const auto refused = node.storage.add(comment(n));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().first().code, "schema-newer");
    EXPECT_EQ(refused.error().first().kind, domain::ErrorKind::unavailable);
  }
  EXPECT_FALSE(node.database.healthy());
  EXPECT_EQ(own.ask("SELECT count(*) FROM comments"), "1");
  EXPECT_EQ(node.storage.read(1, 9)->updates.size(), 1U);
}

TEST(PostgresSchema, NamesTheDatabaseAndNotOnlyItsEpoch) {
  const OwnDatabase own;
  const OwnDatabase other;
  PostgresNode node{own};
  PostgresNode again{own};
  PostgresNode elsewhere{other};
  EXPECT_EQ(node.database.identity(), again.database.identity());
  EXPECT_NE(node.database.identity().database, elsewhere.database.identity().database);
}

TEST(PostgresSchema, OfAnotherProgramIsRefused) {
  const OwnDatabase own{shared_primary(), true};
  own.ask("CREATE TABLE channels(id integer)");
  EXPECT_THROW(postgres::migrate_postgres(own.url()), std::runtime_error);
}

TEST(PostgresSchema, HasTheMonthsToComeAndTakesTimesOfAnyMonth) {
  const OwnDatabase own;
  EXPECT_EQ(own.ask("SELECT count(*) FROM pg_inherits WHERE inhparent = 'updates'::regclass"), "5");
  PostgresNode node{own};
  auto now = comment(1);
  now.created_at = now.updated_at = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  ASSERT_TRUE(node.storage.add(now));
  ASSERT_TRUE(node.storage.add(comment(2)));
  EXPECT_EQ(own.ask("SELECT count(*) FROM updates_default"), "1");
  EXPECT_EQ(node.storage.read(1, 9)->updates.size(), 2U);
}

TEST(PostgresSchema, LeavesAMonthThatHasBegunInTheDefaultPartition) {
  const OwnDatabase own;
  own.ask(
      "DO $$ DECLARE month text; BEGIN FOR month IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = "
      "'updates'::regclass AND inhrelid <> 'updates_default'::regclass LOOP EXECUTE 'DROP TABLE ' || month; END "
      "LOOP; END $$");
  own.ask(
      "INSERT INTO updates(channel_id, seq, type, occurred_ms, subject_id, author) "
      "VALUES(1, 1, 0, (extract(epoch FROM now()) * 1000)::bigint, gen_random_uuid(), 'ann')");
  postgres::migrate_postgres(own.url());
  EXPECT_EQ(own.ask("SELECT count(*) FROM pg_inherits WHERE inhparent = 'updates'::regclass"), "4");
}

TEST(PostgresSchema, RestoredFromADumpGetsANewEpoch) {
  const OwnDatabase own;
  const auto before = postgres::migrate_postgres(own.url()).log.epoch;
  EXPECT_EQ(postgres::migrate_postgres(own.url()).log.epoch, before);
  { EXPECT_TRUE(PostgresNode{own}.storage.add(comment(1))); }
  own.ask("UPDATE updates SET xid = '999999999999'");  // of a cluster that has come further
  EXPECT_NE(postgres::migrate_postgres(own.url()).log.epoch, before);
  EXPECT_EQ(own.ask("SELECT xid FROM updates"), "3");
}

}  // namespace
}  // namespace danwa::tests
