#include "infra/sqlite/database_file.hpp"

#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <iomanip>
#include <sstream>
#include <stdexcept>
#include <string>

#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/migrations.hpp"
#include "infra/sqlite/query.hpp"
#include "infra/sqlite/rows.hpp"
#include "infra/sqlite/write_turn.hpp"

// Prepares the file in an order that is safe while other nodes start or run. The claim comes first, so no process uses
// the file by another name. The migration runs under the inter-process write lock, so one node migrates at a time. The
// page check comes after the lock is released, because it may take long and would keep the other nodes from writing.

namespace danwa::infra {
namespace {

constexpr std::chrono::seconds kPatience{10};  // for other processes that write the file

[[noreturn]] void refuse(const SqliteOptions& options, const std::string& reason) {
  throw std::runtime_error{"cannot use the database " + options.master_path + ": " + reason};
}

std::string reason_of(const SQLite::Exception& failure) {
  switch (failure.getErrorCode()) {
    case SQLITE_NOTADB:
      return "the file is not a SQLite database";
    case SQLITE_CORRUPT:
      return "the file is corrupt; restore it from a backup";
    case SQLITE_READONLY:
      return "the file or its directory is not writable";
    default:
      return failure.what();
  }
}

// A commit writes whole pages, most of them for one small row of an index. Half the default page size saves a third of
// the bytes. No effect on an existing file.
void use_small_pages(Connection& connection) { Query{connection, "PRAGMA page_size = 2048"}.run(); }

void use_write_ahead_log(Connection& connection) {
  Query query{connection, "PRAGMA journal_mode = WAL"};
  if (!query.step() || query.text(0) != "wal")
    throw std::runtime_error{"the file system cannot hold a write-ahead log"};
}

void check_pages(const SqliteOptions& options, Connection& connection, adapters::Logger& log) {
  if (std::filesystem::file_size(options.master_path) > options.check_bytes) {
    log.info("database.check-skipped", {{"path", options.master_path}, {"limit_bytes", options.check_bytes}});
    return;
  }
  Query query{connection, "PRAGMA quick_check(1)"};
  if (query.step() && query.text(0) != "ok") throw SQLite::Exception{query.text(0), SQLITE_CORRUPT};
}

/// The mode stays as the operator has set it; a group may share the file on purpose.
void warn_about_others(const SqliteOptions& options, mode_t mode, adapters::Logger& log) {
  if ((mode & 0077) == 0) return;
  std::ostringstream octal;
  octal << std::oct << std::setw(4) << std::setfill('0') << (mode & 0777);
  log.warn("database.readable-by-others",
           {{"path", options.master_path}, {"mode", octal.str()}, {"cure", "chmod 0600, the -wal and -shm files too"}});
}

PreparedFile prepare(const SqliteOptions& options, adapters::Logger& log) {
  auto claim = std::make_unique<FileClaim>(options.master_path, FileClaim::Use::made);
  warn_about_others(options, claim->place().mode, log);
  WriteTurn turn{options.master_path};
  if (!turn.acquire_for(kPatience)) throw std::runtime_error{"another process has held its lock for 10 seconds"};
  Connection connection{{.path = options.master_path,
                         .access = Access::read_write,
                         .full_sync = options.full_sync,
                         .create = true,
                         .max_pages = options.max_pages}};
  const int before = schema_of(connection);
  if (before == 0) use_small_pages(connection);
  use_write_ahead_log(connection);
  migrate(connection);
  turn.release();
  check_pages(options, connection, log);
  log.info("database.opened", {{"path", options.master_path},
                               {"schema", newest_schema()},
                               {"schema_before", before},
                               {"epoch", read_epoch(connection)},
                               {"sqlite", SQLITE_VERSION}});
  return {std::move(claim), before, newest_schema()};
}

}  // namespace

PreparedFile prepare_database_file(const SqliteOptions& options, adapters::Logger& log) {
  if (options.master_path.empty()) throw std::runtime_error{"the path of the database is empty"};
  try {
    return prepare(options, log);
  } catch (const SQLite::Exception& failure) {
    refuse(options, reason_of(failure));
  } catch (const std::runtime_error& failure) {
    refuse(options, failure.what());
  }
}

}  // namespace danwa::infra
