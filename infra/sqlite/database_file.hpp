#pragma once

#include <memory>

#include "adapters/log/logger.hpp"
#include "infra/sqlite/file_claim.hpp"
#include "infra/sqlite/sqlite_options.hpp"

namespace danwa::infra {

/// What was found and what was made of it.
struct PreparedFile {
  std::unique_ptr<FileClaim> claim;  ///< to be kept for as long as the file is used
  int schema_before = 0;             ///< 0: there was no database
  int schema = 0;
};

/// Makes the database file usable: creates it when absent, for its owner alone, claims it, brings its schema up to date
/// under the kernel lock, checks it. `options.master_path` is canonical. Warns when others than the owner may read it.
/// Throws std::runtime_error with one clear sentence when it cannot be used.
PreparedFile prepare_database_file(const SqliteOptions& options, adapters::Logger& log);

}  // namespace danwa::infra
