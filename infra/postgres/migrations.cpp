#include "infra/postgres/migrations.hpp"

#include <stdexcept>

#include "infra/postgres/blocking_connection.hpp"
#include "infra/postgres/schema.hpp"

namespace danwa::infra {
namespace {

constexpr int kNewestSchema = static_cast<int>(pg::kSchemas.size());
constexpr int kMonthsAhead = 3;

bool has_table(pg::BlockingConnection& connection, const std::string& name) {
  return !connection.execute("SELECT to_regclass('" + name + "')").first().is_null(0);
}

int schema_of(pg::BlockingConnection& connection) {
  if (has_table(connection, "schema_migrations")) {
    const auto rows = connection.execute("SELECT coalesce(max(version), 0) FROM schema_migrations");
    return static_cast<int>(rows.first().integer(0));
  }
  if (has_table(connection, "channels") || has_table(connection, "updates")) {
    throw std::runtime_error{"the database holds tables of another program"};
  }
  return 0;
}

void apply_schema(pg::BlockingConnection& connection, int version) {
  connection.execute(
      "BEGIN; CREATE TABLE IF NOT EXISTS schema_migrations(version integer PRIMARY KEY, applied_at timestamptz NOT "
      "NULL DEFAULT now())");
  connection.execute(pg::kSchemas[static_cast<std::size_t>(version - 1)]);
  connection.execute("INSERT INTO schema_migrations(version) VALUES(" + std::to_string(version) + "); COMMIT");
}

/// In a cluster that was made anew from a dump, rows are of transactions that are yet to come there: they would
/// be news at every look of the log tail, and what was written after the dump is gone.
void settle_foreign_transactions(pg::BlockingConnection& connection) {
  connection.execute("BEGIN");
  const auto foreign =
      connection.execute("SELECT EXISTS(SELECT 1 FROM updates WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()))");
  if (foreign.first().truth(0)) {
    connection.execute("UPDATE updates SET xid = '3' WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())");
    connection.execute("UPDATE meta SET value = replace(gen_random_uuid()::text, '-', '') WHERE name = 'epoch'");
  }
  connection.execute("COMMIT");
}

MigrationResult migrate(pg::BlockingConnection& connection) {
  connection.execute("SET lock_timeout = '30s'; SELECT pg_advisory_lock(7233119)");
  MigrationResult result{.before = schema_of(connection), .after = kNewestSchema, .epoch = {}};
  if (result.before > kNewestSchema) {
    throw std::runtime_error{"the database has schema " + std::to_string(result.before) +
                             ", this program knows up to " + std::to_string(kNewestSchema) + "; use a newer program"};
  }
  for (int version = result.before + 1; version <= kNewestSchema; ++version) apply_schema(connection, version);
  settle_foreign_transactions(connection);
  connection.execute("SELECT danwa_make_partitions(" + std::to_string(kMonthsAhead) + ")");
  result.epoch = connection.execute("SELECT value FROM meta WHERE name = 'epoch'").first().text(0);
  return result;  // closing the connection lets the lock go
}

}  // namespace

MigrationResult migrate_postgres(const std::string& url, std::chrono::milliseconds connect_timeout) {
  const auto targets = pg::targets_of(url, pg::Role::master);
  try {
    pg::BlockingConnection connection{targets, connect_timeout};
    return migrate(connection);
  } catch (const std::runtime_error& failure) {
    throw std::runtime_error{"cannot use the database " + pg::public_name(url) + ": " + failure.what()};
  }
}

}  // namespace danwa::infra
