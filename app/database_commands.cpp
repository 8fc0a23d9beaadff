#include "app/database_commands.hpp"

#include <cstdio>

#include "app/settings/settings_rules.hpp"
#include "infra/log/json_logger.hpp"
#include "infra/sqlite/database_copy.hpp"
#include "infra/sqlite/database_file.hpp"

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

bool is_postgres(const std::string& url) { return url.starts_with("postgres://") || url.starts_with("postgresql://"); }

int explain(const char* text) {
  std::fputs(text, stderr);
  return 2;
}

std::string path_of(const std::string& url) { return sqlite_path(url, "database.master"); }

std::string to_text(const infra::CopyReport& report) {
  return std::to_string(report.bytes) + " bytes, schema " + std::to_string(report.schema) + ", checked";
}

}  // namespace

int migrate_database(const std::string& url) {
  const std::string path = path_of(url);
  infra::JsonLogger log{{"danwad", adapters::LogLevel::error, infra::LogFormat::automatic}};
  const auto done = infra::prepare_database_file({.master_path = path}, log);
  if (done.schema_before == done.schema) {
    std::printf("%s has schema %d already; nothing was to do.\n", path.c_str(), done.schema);
  } else if (done.schema_before == 0) {
    std::printf("%s: made, with schema %d.\n", path.c_str(), done.schema);
  } else {
    std::printf("%s: from schema %d to %d.\n", path.c_str(), done.schema_before, done.schema);
  }
  return 0;
}

int back_up_database(const std::string& url, const std::string& target) {
  if (is_postgres(url)) return explain(kBackUpPostgres);
  const auto report = infra::copy_database(path_of(url), target);
  std::printf("%s: %s; it holds everything up to position %s.\n", target.c_str(), to_text(report).c_str(),
              report.position.to_string().c_str());
  return 0;
}

int restore_database(const std::string& url, const std::string& source) {
  if (is_postgres(url)) return explain(kRestorePostgres);
  const std::string path = path_of(url);
  const auto report = infra::restore_database(source, path);
  std::printf("%s: restored from %s, %s; its epoch is new: %s.\n", path.c_str(), source.c_str(),
              to_text(report).c_str(), report.position.epoch.c_str());
  return 0;
}

}  // namespace danwa::app
