#pragma once

#include "adapters/log/logger.hpp"
#include "infra/sqlite/sqlite_options.hpp"

namespace danwa::infra {

/// What was found and what was made of it.
struct PreparedFile {
  int schema_before = 0;  ///< 0: there was no database
  int schema = 0;
};

/// Makes the database file usable: creates it when absent, brings its schema up to date under the kernel
/// lock, checks it. Throws std::runtime_error with one clear sentence when it cannot be used.
PreparedFile prepare_database_file(const SqliteOptions& options, adapters::Logger& log);

}  // namespace danwa::infra
