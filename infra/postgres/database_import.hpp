#pragma once

#include <cstdint>
#include <string>

#include "adapters/persistence/copied_table.hpp"
#include "domain/channel/cursor.hpp"
#include "infra/postgres/blocking_connection.hpp"

namespace danwa::infra {

/// Fills an empty database from another one, in one transaction: nothing has happened before `commit`. Nodes that use
/// the database wait meanwhile. Blocks. Throws std::runtime_error with one clear sentence if the database is
/// unreachable or not empty, or if rows are rejected or missing at the end.
///
///     DatabaseImport import{url};
///     for (const auto table : adapters::kCopiedTables) {
///       import.start(table);
///       source.read(table, [&](const auto& row) { import.write(row); });
///       import.finish();
///     }
///     import.commit(epoch);
class DatabaseImport {
 public:
  /// Connects, and brings the schema up to date.
  explicit DatabaseImport(const std::string& url);

  void start(adapters::CopiedTable table);
  void write(const adapters::CopiedRow& row);

  /// Returns how many rows of the table were written. Throws if the database does not hold as many.
  std::uint64_t finish();

  /// Throws if a log has a hole. `epoch` becomes the epoch of the database.
  void commit(const domain::Epoch& epoch);

 private:
  pg::BlockingConnection connection_;
  adapters::CopiedTable table_{};
  std::uint64_t written_ = 0;
  std::string waiting_;  ///< lines not sent yet
};

}  // namespace danwa::infra
