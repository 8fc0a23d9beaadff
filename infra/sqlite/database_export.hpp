#pragma once

#include <functional>
#include <string>

#include "adapters/persistence/copied_table.hpp"
#include "domain/channel/cursor.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/file_claim.hpp"

namespace danwa::infra {

/// Reads every row of a database file, for a copy into another database: one state between two commits. Blocks; holds
/// one row in memory at a time. Throws std::runtime_error with one clear sentence if the file is no database of danwa,
/// is in use, or does not have the newest schema.
class DatabaseExport {
 public:
  explicit DatabaseExport(const std::string& path);

  domain::Epoch epoch();

  /// Calls `take` with each row of `table`.
  void read(adapters::CopiedTable table, const std::function<void(const adapters::CopiedRow&)>& take);

 private:
  std::string path_;
  FileClaim claim_;  ///< keeps others from writing meanwhile
  Connection connection_;
  ReadTransaction snapshot_{connection_};
};

}  // namespace danwa::infra
