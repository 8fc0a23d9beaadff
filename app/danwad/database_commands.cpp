#include <cstdio>

#include "app/danwad/commands.hpp"
#include "app/danwad/settings/database_url.hpp"
#include "app/danwad/settings/settings_reader.hpp"
#include "app/danwad/settings/settings_rules.hpp"
#include "infra/log/json_logger.hpp"
#include "infra/sqlite/database_copy.hpp"
#include "infra/sqlite/database_file.hpp"
#include "infra/system/process.hpp"

#ifdef DANWA_POSTGRES
#include "infra/postgres/database_import.hpp"
#include "infra/postgres/migrations.hpp"
#endif

// The commands of an operator on the database. SQLite is copied and restored here, because a file in use must not be
// copied by other means. PostgreSQL has tools for that which its operators know, so danwad names them and ends with
// status 2. A signal is only noted (EndRequest), and the copy looks at it often, so that an interrupted command leaves
// nothing behind. A restored log gets a new epoch: clients may have seen updates that it does not have.

namespace danwa::app {
namespace {

constexpr const char* kBackUpPostgres =
    R"(danwad: the database is PostgreSQL's; its own tools back it up while nodes run:

  pg_basebackup -d URL -D DIRECTORY -X stream -c fast    the whole server, to be started as it is; with archived
                                                         write-ahead log also to any moment (PITR)
  pg_dump -Fc -f FILE URL                                this database alone, one consistent state, for pg_restore

URL is that of database.master. A standby can be asked in place of the primary.
)";

constexpr const char* kRestorePostgres =
    R"(danwad: the database is PostgreSQL's; its own tools restore it, with all nodes stopped:

  pg_restore --create --dbname postgres FILE             what pg_dump has written
  start a server on the directory                        what pg_basebackup has written

Then give the log a new epoch, so that nobody goes on from what the restored database does not know:

  psql URL -c "UPDATE meta SET value = replace(gen_random_uuid()::text, '-', '') WHERE name = 'epoch'"
)";

int explain(const char* text) {
  std::fputs(text, stderr);
  return 2;
}

std::string path_of(const DatabaseSettings& database) { return sqlite_path(database.master, "database.master"); }

std::string to_text(const sqlite::CopyReport& report) {
  return std::to_string(report.bytes) + " bytes, schema " + std::to_string(report.schema) + ", checked";
}

int tell_migration(const std::string& name, int before, int now) {
  if (before == now) {
    std::printf("%s has schema %d already; nothing was to do.\n", name.c_str(), now);
  } else if (before == 0) {
    std::printf("%s: made, with schema %d.\n", name.c_str(), now);
  } else {
    std::printf("%s: from schema %d to %d.\n", name.c_str(), before, now);
  }
  return 0;
}

}  // namespace

int migrate_database(const DatabaseSettings& database) {
  check_database(database);
#ifdef DANWA_POSTGRES
  if (is_postgres(database.master)) {
    const auto done = postgres::migrate_postgres(with_password(database.master, database.password));
    return tell_migration(without_password(database.master), done.before, done.after);
  }
#endif
  const std::string path = sqlite::canonical_path(path_of(database));
  log::JsonLogger log{{"danwad", adapters::LogLevel::error, log::LogFormat::automatic}};
  const auto done = sqlite::prepare_database_file({.master_path = path}, log);
  return tell_migration(path, done.schema_before, done.schema);
}

int back_up_database(const DatabaseSettings& database, const std::string& target) {
  if (is_postgres(database.master)) return explain(kBackUpPostgres);
  const system::EndRequest end;
  const auto report = sqlite::copy_database(path_of(database), target, [&end] { return end.came(); });
  std::printf("%s: %s; it holds everything up to position %s.\n", target.c_str(), to_text(report).c_str(),
              report.position.to_string().c_str());
  return 0;
}

int copy_database(const std::string& from, const DatabaseSettings& target) {
  const std::string path = sqlite_path(from, "--from");
  if (!is_postgres(target.master)) throw SettingsError{"--to or database.master must be postgres://HOST/DATABASE"};
  check_database(target);
#ifdef DANWA_POSTGRES
  sqlite::DatabaseExport source{path};
  postgres::DatabaseImport into{with_password(target.master, target.password)};
  std::string counts;
  for (const auto& table : adapters::kCopiedTables) {
    into.start(table);
    source.read(table, [&into](const adapters::CopiedRow& row) { into.write(row); });
    counts += ", " + std::string{table.name} + " " + std::to_string(into.finish());
  }
  into.commit(source.epoch());
  std::printf("%s: copied from %s, epoch %s%s.\n", without_password(target.master).c_str(), path.c_str(),
              source.epoch().c_str(), counts.c_str());
#endif
  return 0;
}

int restore_database(const DatabaseSettings& database, const std::string& source) {
  if (is_postgres(database.master)) return explain(kRestorePostgres);
  const std::string path = path_of(database);
  const system::EndRequest end;
  const auto report = sqlite::restore_database(source, path, [&end] { return end.came(); });
  std::printf("%s: restored from %s, %s; its epoch is new: %s.\n", path.c_str(), source.c_str(),
              to_text(report).c_str(), report.position.epoch.c_str());
  return 0;
}

}  // namespace danwa::app
