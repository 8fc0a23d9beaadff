#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/log/logger.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/sqlite_options.hpp"
#include "infra/storage/tasks.hpp"

namespace danwa::infra {

/// Runs on: a reader's thread; may throw SQLite::Exception.
using ReadTask = storage::Read<Connection&>;

/// A few threads, each with a read-only connection to one file. The connections are open from the start: as long as one
/// is open, SQLite does not rebuild its index of the write-ahead log, which could bring back a commit that failed.
/// Bound: `reader_queue` waiting reads; further reads fail with `database-busy`, and so do reads that have waited
/// longer than `patience`. Thread safe.
class ReaderPool {
 public:
  /// Throws std::runtime_error if the file cannot be read.
  ReaderPool(std::string path, const SqliteOptions& options, adapters::Logger& log);
  ~ReaderPool();
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  void submit(std::unique_ptr<ReadTask> task);

  /// Answers the waiting reads, rejects later ones, and ends the threads. Idempotent.
  void stop();

  /// False since a read failed because of the file, until a read has worked again. Thread safe.
  bool healthy() const { return healthy_.load(std::memory_order_relaxed); }

 private:
  void run(std::unique_ptr<Connection> connection);
  std::unique_ptr<ReadTask> next();
  void perform(ReadTask& task, std::unique_ptr<Connection>& connection);
  void connect(std::unique_ptr<Connection>& connection) const;
  void mark_unhealthy();

  const std::string path_;
  const std::chrono::milliseconds patience_;
  adapters::Logger& log_;
  std::atomic<bool> healthy_{true};
  std::mutex mutex_;  // the members below: any thread pushes, every reader takes
  std::condition_variable arrived_;
  storage::WaitingTasks<ReadTask> waiting_;
  std::vector<std::thread> threads_;
};

}  // namespace danwa::infra
