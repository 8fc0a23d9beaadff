#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "domain/core/uuid.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/sqlite_database.hpp"
#include "infra/storage/replica.hpp"
#include "infra/storage/tasks.hpp"

namespace danwa::sqlite {

/// Decides whether a file that another program keeps as a copy of the master may serve reads. It must hold the master's
/// log (the same epoch, and its newest update is the master's at that position), and lack nothing that the master had
/// more than `max_lag` ago. A file that does not meet this is left out until it does. Checks every `interval`, on a
/// thread of its own. The copy serves nothing until it has caught up once with the state that the master had at the
/// start.
class ReplicaWatch {
 public:
  struct Needs {
    std::string master;   ///< path
    std::string replica;  ///< path
    std::chrono::milliseconds interval;
    std::chrono::milliseconds max_lag;
    adapters::Logger& log;
  };

  /// Checks once before it returns.
  explicit ReplicaWatch(Needs needs);
  ReplicaWatch(const ReplicaWatch&) = delete;
  ReplicaWatch& operator=(const ReplicaWatch&) = delete;

  bool serves() const { return state_.serves(); }  ///< thread safe

 private:
  struct Newest {  ///< update; position 0: none
    std::int64_t position = 0;
    domain::Uuid subject;
  };

  std::string fault();
  bool is_of_one_log(const Newest& newest);
  static Newest newest_of(Connection& connection);

  const Needs needs_;
  std::unique_ptr<Connection> master_;
  std::unique_ptr<Connection> replica_;
  storage::MasterTrail trail_;
  storage::ReplicaState state_;
  std::jthread thread_;
};

/// Runs on: a reader's thread; may throw SQLite::Exception.
using ReadTask = storage::Task<Connection&>;

/// A few threads, each with a read-only connection to one file. The connections are open from the start: as long as one
/// is open, SQLite does not rebuild its index of the write-ahead log, which could bring back a commit that failed.
/// Bound: `reader_queue` waiting reads; further reads fail with `database-busy`, and so do reads that have waited
/// longer than `patience`. Thread safe.
class ReaderPool {
 public:
  /// `reads` counts them. Throws std::runtime_error if the file cannot be read.
  ReaderPool(std::string path, const SqliteOptions& options, adapters::Logger& log, delivery::Counter& reads);
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
  void mark_unhealthy();

  const std::string path_;
  const std::chrono::milliseconds patience_;
  adapters::Logger& log_;
  delivery::Counter& reads_;
  std::atomic<bool> healthy_{true};
  std::mutex mutex_;  // the members below: any thread pushes, every reader takes
  std::condition_variable arrived_;
  storage::WaitingTasks<ReadTask> waiting_;
  std::vector<std::thread> threads_;
};

}  // namespace danwa::sqlite
