#include "infra/postgres/migrations.hpp"

#include <stdexcept>

#include "infra/postgres/connection.hpp"
#include "infra/postgres/database_import.hpp"
#include "infra/postgres/session.hpp"

// Migrates the schema at the start of a node, while other nodes may be running. An advisory lock admits one migrating
// node at a time. Each step is one transaction that locks `schema_migrations` exclusively. Every batch of every node
// reads this table first, so a step waits for the batches in progress, and later batches see the new version; a node
// that does not know it stops writing (`schema-newer`).

namespace danwa::postgres {
namespace {

constexpr int kMonthsAhead = 3;  // partitions that exist before their month begins

bool has_table(BlockingConnection& connection, const std::string& name) {
  return !connection.execute("SELECT to_regclass('" + name + "')").first().is_null(0);
}

/// Refuses a database whose tables are in a schema that only an inherited search path names. A second, empty set of
/// tables would be created otherwise.
void refuse_tables_elsewhere(BlockingConnection& connection) {
  const auto elsewhere = connection.execute(
      "SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = "
      "'schema_migrations' AND EXISTS (SELECT 1 FROM pg_class o WHERE o.relnamespace = n.oid AND o.relname = "
      "'updates_default') AND NOT (n.nspname = ANY (current_schemas(true))) AND current_setting('search_path') = "
      "'\"$user\", public' LIMIT 1");
  if (elsewhere.empty()) return;
  const auto schema = elsewhere.first().text(0);
  throw std::runtime_error{"its tables are in the schema " + schema +
                           ", where PostgreSQL does not look by default; add options=-csearch_path%3D" + schema +
                           " to the URL"};
}

int schema_of(BlockingConnection& connection) {
  if (has_table(connection, "schema_migrations")) {
    const auto rows = connection.execute("SELECT coalesce(max(version), 0) FROM schema_migrations");
    return static_cast<int>(rows.first().integer(0));
  }
  refuse_tables_elsewhere(connection);
  if (has_table(connection, "channels") || has_table(connection, "updates")) {
    throw std::runtime_error{"the database holds tables of another program"};
  }
  return 0;
}

void apply_schema(BlockingConnection& connection, int version) {
  connection.execute(
      "BEGIN; CREATE TABLE IF NOT EXISTS schema_migrations(version integer PRIMARY KEY, applied_at timestamptz NOT "
      "NULL DEFAULT now()); LOCK TABLE schema_migrations IN ACCESS EXCLUSIVE MODE");  // waits for batches in progress
  connection.execute(kSchemas[static_cast<std::size_t>(version - 1)]);
  connection.execute("INSERT INTO schema_migrations(version) VALUES(" + std::to_string(version) + "); COMMIT");
}

/// In a server that was restored from a dump, rows may carry ids of transactions that are yet to come there. The log
/// tail would find them at every poll, so they get an old id. The log gets a new epoch, because updates that were
/// written after the dump are gone.
void end_foreign_transactions(BlockingConnection& connection) {
  connection.execute("BEGIN");
  const auto foreign =
      connection.execute("SELECT EXISTS(SELECT 1 FROM updates WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()))");
  if (foreign.first().truth(0)) {
    connection.execute("UPDATE updates SET xid = '3' WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())");
    connection.execute("UPDATE meta SET value = replace(gen_random_uuid()::text, '-', '') WHERE name = 'epoch'");
  }
  connection.execute("COMMIT");
}

/// Two simultaneous connections show for certain whether a pooler shares the server's sessions. If the server grants no
/// second one, every connection still checks itself.
void require_own_sessions(const std::vector<Target>& targets, std::chrono::milliseconds connect_timeout) {
  try {
    const BlockingConnection second{targets, connect_timeout};
  } catch (const SharedSession&) {
    throw;
  } catch (const std::runtime_error&) {  // each connection still checks itself
  }
}

/// Settings of the server that lose acknowledged comments when its machine stops.
std::vector<std::string> unsafe_settings(BlockingConnection& connection) {
  const auto rows = connection.execute(
      "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name");
  std::vector<std::string> names;
  for (std::size_t n = 0; n < rows.size(); ++n) names.push_back(rows[n].text(0));
  return names;
}

/// Standbys keep the system identifier, so a failover changes nothing. The oid distinguishes the databases of a server.
/// A role that may not read the identifier uses the oid and the name of the database.
std::string database_of(BlockingConnection& connection) {
  const bool may_ask =
      connection.execute("SELECT has_function_privilege('pg_control_system()', 'execute')").first().truth(0);
  const std::string system = may_ask ? "(SELECT system_identifier::text FROM pg_control_system())" : "'unknown'";
  const std::string name = may_ask ? "''" : "':' || md5(current_database())";
  const auto rows = connection.execute("SELECT 'postgres:' || " + system + " || ':' || oid || " + name +
                                       " FROM pg_database WHERE datname = current_database()");
  return rows.first().text(0);
}

MigrationResult migrate(BlockingConnection& connection) {
  connection.execute("SET lock_timeout = '30s'; SELECT pg_advisory_lock(7233119)");
  MigrationResult result{.before = schema_of(connection), .after = kNewestSchema, .log = {}, .unsafe = {}};
  if (result.before > kNewestSchema) throw Failure::of_schema(result.before, kNewestSchema);
  for (int version = result.before + 1; version <= kNewestSchema; ++version) apply_schema(connection, version);
  end_foreign_transactions(connection);
  connection.execute("SELECT danwa_make_partitions(" + std::to_string(kMonthsAhead) + ")");
  result.log.epoch = connection.execute("SELECT value FROM meta WHERE name = 'epoch'").first().text(0);
  result.log.database = database_of(connection);
  result.unsafe = unsafe_settings(connection);
  return result;  // closing the connection releases the lock
}

}  // namespace

MigrationResult migrate_postgres(const std::string& url, std::chrono::milliseconds connect_timeout) {
  const auto targets = targets_of(url, Role::master);
  try {
    BlockingConnection connection{targets, connect_timeout};
    require_own_sessions(targets, connect_timeout);
    return migrate(connection);
  } catch (const std::runtime_error& failure) {
    throw std::runtime_error{"cannot use the database " + public_name(url) + ": " + failure.what()};
  }
}

}  // namespace danwa::postgres
