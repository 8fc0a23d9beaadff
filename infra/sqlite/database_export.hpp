#pragma once

#include <functional>
#include <string>

#include "adapters/persistence/copied_table.hpp"
#include "domain/channel/cursor.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/file_claim.hpp"

namespace danwa::infra {

/// Every row of a database file, for another database: one state between two commits, whoever writes meanwhile. Blocks;
/// one row in memory at a time. Throws std::runtime_error with one clear sentence: no database of danwa, or not of the
/// newest schema.
class DatabaseExport {
 public:
  explicit DatabaseExport(const std::string& path);

  domain::Epoch epoch();

  /// Calls `take` with each row of `table`.
  void read(adapters::CopiedTable table, const std::function<void(const adapters::CopiedRow&)>& take);

 private:
  std::string path_;
  FileClaim claim_;  ///< nobody writes meanwhile
  Connection connection_;
  ReadTransaction snapshot_{connection_};
};

}  // namespace danwa::infra
