#pragma once

#include <memory>

#include "adapters/log/logger.hpp"
#include "infra/sqlite/file_claim.hpp"
#include "infra/sqlite/sqlite_options.hpp"

namespace danwa::infra {

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

}  // namespace danwa::infra
