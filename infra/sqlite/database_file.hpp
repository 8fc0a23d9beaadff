#pragma once

#include <memory>
#include <string>

#include "adapters/log/logger.hpp"
#include "infra/sqlite/file_claim.hpp"
#include "infra/sqlite/sqlite_database.hpp"

namespace danwa::sqlite {

/// A file that is written beside its final place, as `<name>.XXXXXX.danwad-part`, and gets its name when it is
/// complete. Until then nothing is visible under that name, and an existing file is never touched. Unless it was put in
/// place, the destructor removes it, with the files that SQLite keeps beside it. A kernel lock (flock) marks a file
/// that is being written; unlocked parts in the same directory, left by processes that were killed, are removed by the
/// next FreshFile. Throws std::runtime_error with one sentence.
class FreshFile {
 public:
  /// Creates an empty file with mode 0600. Throws if something has that name already.
  explicit FreshFile(std::string name);
  ~FreshFile();
  FreshFile(const FreshFile&) = delete;
  FreshFile& operator=(const FreshFile&) = delete;

  /// Its path until it is put in place.
  const std::string& path() const { return path_; }

  /// Syncs the file, gives it its name, syncs the directory.
  void put_in_place();

 private:
  void make();

  std::string name_;
  std::string path_;
  int descriptor_ = -1;  ///< holds the lock
};

/// Result of the preparation.
struct PreparedFile {
  std::unique_ptr<FileClaim> claim;  ///< must be kept for as long as the file is used
  int schema_before = 0;             ///< 0: there was no database
  int schema = 0;
};

/// Makes the database file usable: creates it if it is missing, for its owner alone; claims it; brings its schema up to
/// date under the kernel lock; checks it. `options.master_path` is canonical. Warns if users other than the owner may
/// read it. Throws std::runtime_error with one clear sentence if the file cannot be used.
PreparedFile prepare_database_file(const SqliteOptions& options, adapters::Logger& log);

}  // namespace danwa::sqlite
