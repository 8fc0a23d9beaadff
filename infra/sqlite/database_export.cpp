#include "infra/sqlite/database_export.hpp"

#include <sqlite3.h>

#include <cstddef>
#include <span>
#include <stdexcept>

#include "infra/sqlite/migrations.hpp"
#include "infra/sqlite/rows.hpp"

namespace danwa::infra {
namespace {

using adapters::CopiedField;
using adapters::CopiedTable;

std::string select_of(CopiedTable table) {
  return "SELECT " + columns_of(table, "user") + " FROM " + std::string{name_of(table)} +
         (table == CopiedTable::updates ? " ORDER BY position" : "");
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
}  // namespace danwa::infra
{ require_newest_schema(connection_); }
catch (const std::runtime_error& failure) {  // also SQLite::Exception
  fail_export(path, failure.what());
}

domain::Epoch DatabaseExport::epoch() { return read_epoch(connection_); }

void DatabaseExport::read(CopiedTable table, const std::function<void(const adapters::CopiedRow&)>& take) {
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

}  // namespace danwa::infra
