#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/storage/database.hpp"

namespace danwa::sqlite {

/// How a node uses its SQLite file. The defaults are right for a server.
struct SqliteOptions {
  std::string master_path{};   ///< the database file; created if it is missing
  std::string replica_path{};  ///< file that serves `ReadFrom::replica`, see ReplicaWatch; empty: the master file
  bool full_sync = true;       ///< false: a power cut may lose acknowledged comments (tests only)

  std::size_t readers = 2;          ///< threads, each with a read-only connection, per file
  std::size_t reader_queue = 1024;  ///< reads that may wait; more are answered 503
  std::size_t writer_queue = 4096;  ///< actions that may wait; more are answered 503
  std::size_t max_batch = 512;      ///< actions in one transaction

  std::chrono::milliseconds patience{2000};     ///< an action that has waited longer is answered 503
  std::chrono::milliseconds tail_interval{50};  ///< between two polls of the log tail and of the replica
  std::chrono::milliseconds max_lag{1000};      ///< a replica that is further behind serves no reads

  std::uint64_t checkpoint_bytes = 16ULL << 20U;  ///< length of the WAL from which it is copied beside the writer
  std::uint64_t forced_bytes = 64ULL << 20U;      ///< length of the WAL from which writing waits for the copy
  std::chrono::milliseconds erase_within{20000};  ///< time after which removed text leaves the WAL, too
  std::uint64_t check_bytes = 256ULL << 20U;      ///< a larger file is not checked page by page at the start
  std::uint64_t max_pages = 0;                    ///< of the database file; 0: no limit set by danwa
};

/// Opens the database of a node: one SQLite file, which all nodes of a host may share. Brings its schema up to date
/// under the file's kernel lock, and starts the threads (writer, readers, checkpointer). Throws std::runtime_error with
/// one clear sentence if the file cannot be used: it is no database, corrupt, of a newer schema, not writable, locked
/// for too long, or has more than one name.
std::unique_ptr<storage::Database> open_database(SqliteOptions options, adapters::Logger& log,
                                                 adapters::Metrics& metrics);

}  // namespace danwa::sqlite
