#include "infra/sqlite/database_copy.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>

#include "infra/sqlite/database_file.hpp"
#include "infra/sqlite/migrations.hpp"
#include "infra/sqlite/rows.hpp"

// SQLite's online backup copies pages in steps and starts again whenever another connection writes in between. A read
// transaction over all steps prevents that: the backup sees one snapshot, and writers go on. The price is that the
// write-ahead log cannot start anew meanwhile. The copy becomes visible only after its check, see FreshFile.

namespace danwa::sqlite {
namespace {

constexpr const char* kGivenUp = "it was ended by a signal, and nothing is left of it";
constexpr int kPagesPerStep = 1024;    // copied between two checks of `ended`
constexpr int kStepsPerLook = 10'000;  // instructions of SQLite's virtual machine: about a millisecond

Connection open_database(const std::string& path) {
  if (!std::filesystem::exists(path)) throw std::runtime_error{"there is no file of that name"};
  return Connection{{.path = path, .access = Access::read_write}};
}

void go_on_unless(const Ended& ended) {
  if (ended && ended()) throw std::runtime_error{kGivenUp};
}

/// Ends long statements of `connection` with SQLITE_INTERRUPT once `ended` returns true.
void interrupt_on(const Ended& ended, Connection& connection) {
  if (!ended) return;
  const auto ask = [](void* told) { return (*static_cast<const Ended*>(told))() ? 1 : 0; };
  sqlite3_progress_handler(connection.handle(), kStepsPerLook, ask, const_cast<Ended*>(&ended));
}

/// Copies all pages of the snapshot of `source` into the empty database `target`.
void copy_pages(Connection& source, Connection& target, const Ended& ended) {
  using Backup = std::unique_ptr<sqlite3_backup, decltype(&sqlite3_backup_finish)>;
  const Backup backup{sqlite3_backup_init(target.handle(), "main", source.handle(), "main"), &sqlite3_backup_finish};
  if (!backup) throw SQLite::Exception{target.handle()};
  int code = SQLITE_OK;
  while (code == SQLITE_OK) {
    go_on_unless(ended);
    code = sqlite3_backup_step(backup.get(), kPagesPerStep);
  }
  if (code != SQLITE_DONE) throw SQLite::Exception{"the pages could not be copied", code};
}

void make_plain(Connection& copy) {
  Query query{copy, "PRAGMA journal_mode = DELETE"};
  if (!query.step() || query.text(0) != "delete") throw std::runtime_error{"the copy kept its write-ahead log"};
}

void check_copy(Connection& copy) {
  Query query{copy, "PRAGMA integrity_check(1)"};
  if (!query.step() || query.text(0) != "ok") {
    throw std::runtime_error{"the copy is not whole, and so was not kept: " + query.text(0)};
  }
}

enum class Identity { kept, renewed };

/// Writes the copy of `source` into the empty file `path`.
CopyReport write_copy(const std::string& source, const std::string& path, Identity identity, const Ended& ended) {
  Connection from = open_database(source);
  require_known_schema(from);
  Connection copy{{.path = path, .access = Access::read_write}};
  {
    const ReadTransaction snapshot{from};  // held over all steps, because any commit would restart the copy
    read_epoch(from);
    copy_pages(from, copy, ended);
  }
  interrupt_on(ended, copy);
  make_plain(copy);
  if (identity == Identity::renewed) renew_epoch(copy, read_epoch(copy));
  check_copy(copy);
  return CopyReport{.schema = schema_of(copy), .position = read_position(copy)};
}

CopyReport copy_as(const std::string& source, const std::string& target, Identity identity, const Ended& ended) {
  try {
    FreshFile file{target};
    CopyReport report = write_copy(source, file.path(), identity, ended);
    report.bytes = std::filesystem::file_size(file.path());
    go_on_unless(ended);
    file.put_in_place();
    return report;
  } catch (const std::runtime_error& failure) {  // also SQLite::Exception
    const std::string why = ended && ended() ? kGivenUp : failure.what();
    throw std::runtime_error{"cannot copy the database " + source + " to " + target + ": " + why};
  }
}

}  // namespace

CopyReport copy_database(const std::string& source, const std::string& target, const Ended& ended) {
  return copy_as(source, target, Identity::kept, ended);
}

CopyReport restore_database(const std::string& source, const std::string& target, const Ended& ended) {
  for (const char* remains : {"-wal", "-shm", "-journal"}) {
    if (!std::filesystem::exists(target + remains)) continue;
    throw std::runtime_error{"there is a file " + target + remains + " of another database; move it away with its own"};
  }
  return copy_as(source, target, Identity::renewed, ended);
}

namespace {

using adapters::CopiedField;
using adapters::CopiedTable;

std::string select_of(const CopiedTable& table) {
  return "SELECT " + columns_of(table, "user") + " FROM " + std::string{table.name} +
         (table.name == "updates" ? " ORDER BY position" : "");
}

domain::Uuid to_uuid(const SQLite::Column& column) {
  const std::span bytes{static_cast<const std::byte*>(column.getBlob()), static_cast<std::size_t>(column.getBytes())};
  domain::Uuid::Bytes id{};
  if (bytes.size() != id.size()) throw SQLite::Exception{"an id in the database is not 16 bytes", SQLITE_CORRUPT};
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(bytes[i]);
  return domain::Uuid{id};
}

CopiedField to_field(const SQLite::Column& column) {
  if (column.isNull()) return {};
  if (column.isInteger()) return column.getInt64();
  if (column.isBlob()) return to_uuid(column);
  return column.getString();
}

[[noreturn]] void fail_export(const std::string& path, const char* reason) {
  throw std::runtime_error{"cannot copy the database " + path + ": " + reason};
}

}  // namespace

DatabaseExport::DatabaseExport(const std::string& path) try
    : path_{path},
      claim_{canonical_path(path), FileClaim::Use::alone},
      connection_{{.path = path, .access = Access::read_only}
}  // namespace danwa::sqlite
{ require_newest_schema(connection_); }
catch (const std::runtime_error& failure) {  // also SQLite::Exception
  fail_export(path, failure.what());
}

domain::Epoch DatabaseExport::epoch() { return read_epoch(connection_); }

void DatabaseExport::read(const CopiedTable& table, const std::function<void(const adapters::CopiedRow&)>& take) {
  try {
    SQLite::Statement rows = connection_.prepared_once(select_of(table));
    adapters::CopiedRow row(static_cast<std::size_t>(rows.getColumnCount()));
    while (rows.executeStep()) {
      for (std::size_t i = 0; i < row.size(); ++i) row[i] = to_field(rows.getColumn(static_cast<int>(i)));
      take(row);
    }
  } catch (const SQLite::Exception& failure) {
    fail_export(path_, failure.what());
  }
}

}  // namespace danwa::sqlite
