#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "adapters/log/logger.hpp"
#include "adapters/log/quiet_log.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/sqlite/connection.hpp"

namespace danwa::infra {

/// Keeps the write-ahead log short, with a connection of its own. From `soft` bytes on, its thread copies the log into
/// the database file beside the writer. When little is left, or from `hard` bytes on in any case, the writer has the
/// rest copied between two batches, and the log starts anew. Text that was removed from the database is still in the
/// log; some time after a removal the log is emptied, once for all removals in between.
class Checkpointer {
 public:
  struct Limits {
    std::uint64_t soft;                      ///< bytes
    std::uint64_t hard;                      ///< bytes
    std::chrono::milliseconds erase_within;  ///< from a removal until the log is emptied; readers may delay it
  };

  Checkpointer(ConnectionOptions options, Limits limits, adapters::Logger& log, adapters::Metrics& metrics);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  /// Takes the length of the log after a commit. True: `finish` must be called before the next batch. Runs on: the
  /// writer's thread.
  bool is_due(std::uint64_t wal_bytes);

  /// Schedules an emptying of the log within `erase_within`. Thread safe.
  void erase_soon();

  /// Copies the rest, so that the next write starts the log anew. Runs on: the writer's thread, which holds the
  /// inter-process write lock.
  void finish(std::uint64_t wal_bytes);

 private:
  /// Result of a checkpoint, in frames; negative if it failed.
  struct Outcome {
    int in_log = -1;
    int copied = -1;
    std::uint64_t frame_bytes = 0;
    bool complete() const { return in_log >= 0 && in_log == copied; }
    std::uint64_t copied_bytes() const { return copied > 0 ? static_cast<std::uint64_t>(copied) * frame_bytes : 0; }
  };

  void run();
  void pass(std::unique_lock<std::mutex>& lock);
  void erase(std::unique_lock<std::mutex>& lock);
  bool is_erasure_due() const;
  Outcome checkpoint(int mode, std::chrono::milliseconds patience);
  Connection& connection();

  const ConnectionOptions options_;
  const Limits limits_;
  adapters::Metrics& metrics_;

  std::mutex connection_mutex_;  // the connection: used by this thread or, between batches, by the writer
  std::unique_ptr<Connection> connection_;
  adapters::QuietLog log_;

  std::mutex mutex_;  // the members below: shared with the writer, never held during I/O
  std::condition_variable changed_;
  bool wanted_ = false;
  bool running_ = false;
  bool stopping_ = false;
  std::uint64_t log_at_last_pass_ = 0;  ///< bytes that the last pass found and copied
  std::optional<std::chrono::steady_clock::time_point> erase_at_;
  std::chrono::milliseconds readers_patience_;        ///< how long the next emptying waits for readers
  std::chrono::steady_clock::time_point not_before_;  ///< earliest time of the next `finish`, after one that failed

  std::thread thread_;
};

}  // namespace danwa::infra
