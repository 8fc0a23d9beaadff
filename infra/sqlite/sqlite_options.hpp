#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace danwa::infra {

/// How a node uses its SQLite file. The defaults are right for a server.
struct SqliteOptions {
  std::string master_path{};   ///< the database file; created when absent
  std::string replica_path{};  ///< where `ReadFrom::replica` reads, see ReplicaWatch; empty: the master file
  bool full_sync = true;       ///< false: a power cut may lose acknowledged comments (tests only)

  std::size_t readers = 2;          ///< threads, each with a read-only connection, per file
  std::size_t reader_queue = 1024;  ///< reads that may wait; more are answered 503
  std::size_t writer_queue = 4096;  ///< actions that may wait; more are answered 503
  std::size_t max_batch = 512;      ///< actions in one transaction

  std::chrono::milliseconds patience{2000};     ///< an action that waited longer is answered 503
  std::chrono::milliseconds tail_interval{50};  ///< between two looks of the log tail, and at the replica
  std::chrono::milliseconds max_lag{1000};      ///< a replica that is further behind serves no reads

  std::uint64_t checkpoint_bytes = 16ULL << 20U;  ///< of WAL, from which it is checkpointed beside the writer
  std::uint64_t forced_bytes = 64ULL << 20U;      ///< of WAL, from which writing waits for the checkpoint
  std::chrono::milliseconds erase_within{20000};  ///< after which what was removed leaves the WAL, too
  std::uint64_t check_bytes = 256ULL << 20U;      ///< larger files are not checked page by page at start
  std::uint64_t max_pages = 0;                    ///< of the database file; 0: no limit of ours
};

}  // namespace danwa::infra
