#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "adapters/persistence/rows.hpp"
#include "domain/channel/cursor.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/file_claim.hpp"

namespace danwa::sqlite {

/// Returns true once the work in progress should be given up.
using Ended = std::function<bool()>;

/// Contents of a copy.
struct CopyReport {
  std::uint64_t bytes = 0;
  int schema = 0;
  domain::Position position{};
};

/// Copies the database `source` to `target` with SQLite's online backup. The copy is one state between two commits,
/// even while others write, and no writer waits for it. It is checked page by page (`integrity_check`), is one plain
/// file without a write-ahead log, is synced, and gets its name last, so it exists whole or not at all. Nothing is ever
/// overwritten.
///
/// `ended` is called often; once it returns true, the copy is given up and nothing is left of it. Empty: it never does.
///
/// Throws std::runtime_error with one clear sentence: `source` is no database of danwa, has a newer schema or is
/// corrupt, the disk is full, `target` exists already, or `ended` returned true.
CopyReport copy_database(const std::string& source, const std::string& target, const Ended& ended = {});

/// Puts the copy `source` in place as the database `target`, under a new epoch, because positions that clients have
/// seen of another history are worthless then; the new epoch makes them load afresh. Otherwise like `copy_database`.
/// `target`, its write-ahead log and the index of that log must not exist: SQLite would take leftovers for those of the
/// new file.
CopyReport restore_database(const std::string& source, const std::string& target, const Ended& ended = {});

/// Reads every row of a database file, for a copy into another database: one state between two commits. Blocks; holds
/// one row in memory at a time. Throws std::runtime_error with one clear sentence if the file is no database of danwa,
/// is in use, or does not have the newest schema.
class DatabaseExport {
 public:
  explicit DatabaseExport(const std::string& path);

  domain::Epoch epoch();

  /// Calls `take` with each row of `table`.
  void read(const adapters::CopiedTable& table, const std::function<void(const adapters::CopiedRow&)>& take);

 private:
  std::string path_;
  FileClaim claim_;  ///< keeps others from writing meanwhile
  Connection connection_;
  ReadTransaction snapshot_{connection_};
};

}  // namespace danwa::sqlite
