#pragma once

#include <cstdint>
#include <string>

#include "adapters/persistence/copied_table.hpp"
#include "domain/channel/cursor.hpp"
#include "infra/postgres/blocking_connection.hpp"

namespace danwa::infra {

/// Fills an empty database from another one, in one transaction: without `commit` nothing has happened. Nodes that run
/// on it wait meanwhile. Blocks. Throws std::runtime_error with one clear sentence: not reachable, not empty, refused
/// rows, rows that are missing at the end.
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
  /// Brings the schema up to date, too.
  explicit DatabaseImport(const std::string& url);

  void start(adapters::CopiedTable table);
  void write(const adapters::CopiedRow& row);

  /// Answers how many rows of the table were written; they are there.
  std::uint64_t finish();

  /// Every log must be without a hole. `epoch` becomes that of the database.
  void commit(const domain::Epoch& epoch);

 private:
  pg::BlockingConnection connection_;
  adapters::CopiedTable table_{};
  std::uint64_t written_ = 0;
  std::string waiting_;  ///< lines that are not sent yet
};

}  // namespace danwa::infra
