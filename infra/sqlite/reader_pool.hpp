#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/log/logger.hpp"
#include "domain/core/result.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/sqlite_options.hpp"

namespace danwa::infra {

/// One read. `perform` runs on a reader's thread and may throw SQLite::Exception. Afterwards exactly one of `finish`
/// and `fail` is called.
class ReadTask {
 public:
  virtual ~ReadTask() = default;
  virtual void perform(Connection& connection) = 0;
  virtual void finish() = 0;
  virtual void fail(const domain::Errors& errors) = 0;

  std::chrono::steady_clock::time_point since;  ///< when it was queued
};

/// A read that consists of a function `Result<T>(Connection&)` and a consumer of its result.
template <class T, class Work, class Resume>
class FunctionRead final : public ReadTask {
 public:
  FunctionRead(Work work, Resume resume) : work_{std::move(work)}, resume_{std::move(resume)} {}

  void perform(Connection& connection) override { result_.emplace(work_(connection)); }
  void finish() override { resume_(std::move(*result_)); }
  void fail(const domain::Errors& errors) override { resume_(domain::Result<T>{domain::fail(errors)}); }

 private:
  Work work_;
  Resume resume_;
  std::optional<domain::Result<T>> result_;
};

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
  const std::size_t most_;
  const std::chrono::milliseconds patience_;
  adapters::Logger& log_;
  std::atomic<bool> healthy_{true};
  std::mutex mutex_;  // the members below: any thread pushes, every reader takes
  std::condition_variable arrived_;
  std::deque<std::unique_ptr<ReadTask>> waiting_;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace danwa::infra
