#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "adapters/persistence/rows.hpp"
#include "domain/core/result.hpp"
#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/migrations.hpp"
#include "infra/sqlite/sqlite_database.hpp"
#include "infra/sqlite/write_lock.hpp"
#include "infra/sqlite/write_transaction.hpp"
#include "infra/storage/tasks.hpp"

namespace danwa::sqlite {

/// One unit of work for the writer: it takes place as a whole or not at all. It waits in the queue, and runs on the
/// writer's thread, inside the transaction; `perform` may throw SQLite::Exception, and may be called again after a
/// rollback.
class WriteAction : public storage::Task<WriteTransaction&> {
 public:
  /// False: `perform` ended in an error of the domain, and its changes must be undone.
  virtual bool succeeded() const = 0;

  /// Sets an error as the result, in place of that of `perform`.
  virtual void reject(domain::Errors errors) = 0;
};

/// An action made of a function `Result<T>(WriteTransaction&)` and a function that takes its result.
template <class T, class Work, class Resume>
class FunctionAction final : public storage::FunctionTask<WriteAction, T, Work, Resume> {
 public:
  FunctionAction(Work work, Resume resume)
      : storage::FunctionTask<WriteAction, T, Work, Resume>{std::move(work), std::move(resume)} {}

  bool succeeded() const override { return this->result_->has_value(); }
  void reject(domain::Errors errors) override { this->result_.emplace(domain::fail(std::move(errors))); }
};

using Batch = std::vector<std::unique_ptr<WriteAction>>;

/// Actions that wait for the writer, first come first served. Bound: `most`. An action beyond it is answered
/// `database-busy` at once, and so is one that has waited too long. Thread safe; one reader.
class ActionQueue {
 public:
  ActionQueue(std::size_t most, delivery::Gauge& length) : length_{length}, waiting_{most} {}

  void push(std::unique_ptr<WriteAction> action);

  /// Waits until an action is there, or `limit` has passed. False: the queue is closed and empty.
  bool wait(std::chrono::milliseconds limit);

  /// At most `most` of the oldest actions; does not wait.
  Batch take(std::size_t most);

  /// Answers `database-busy` to the actions that were queued before `deadline`. True: none is left.
  bool expire(std::chrono::steady_clock::time_point deadline);

  /// From now on new actions are answered `database-stopped`. Waiting ones may still be taken.
  void close();
  bool closed() const;

 private:
  delivery::Gauge& length_;
  mutable std::mutex mutex_;  // the members below: pushed from any thread, taken by the writer
  std::condition_variable arrived_;
  storage::WaitingTasks<WriteAction> waiting_;
  bool reader_waits_ = false;
};

/// Group commit: many actions in one transaction. Each action is done whole or undone, and the whole batch is durable
/// before any action is answered. Runs on: the writer's thread, which holds the inter-process write lock.
///
/// A batch is first tried without savepoints, because an action that fails before it has changed anything needs none.
/// If an action fails later, everything is rolled back and repeated with a savepoint per action. After a failed COMMIT
/// the outcome is unknown: the connection is closed, and a new one looks for the last update of the batch, the commit
/// marker. Until this lookup has worked, every batch is answered `database-failed`.
class BatchCommitter {
 public:
  BatchCommitter(ConnectionOptions options, adapters::Logger& log, adapters::Metrics& metrics);

  /// Commits and answers the actions of `batch`. `before_answers` runs as soon as the outcome is known, so that the
  /// next process may write before the answers are sent. An empty batch begins a transaction and rolls it back, which
  /// checks that a write would be possible. Returns false if the batch was rejected.
  template <class BeforeAnswers>
  bool commit(Batch batch, BeforeAnswers before_answers) {
    std::optional<domain::Errors> refused = transact(batch);
    before_answers();
    answer(batch, refused);
    return !refused;
  }

  /// Bytes in the write-ahead log after the last commit.
  std::uint64_t wal_bytes() const { return wal_frames_ * frame_bytes_; }

  /// True if text was blanked since the last call.
  bool take_erasure() { return std::exchange(erases_, false); }

  /// True if the last batch worked. Thread safe.
  bool healthy() const { return healthy_.load(std::memory_order_relaxed); }

 private:
  enum class Attempt { done, needs_savepoints };

  std::optional<domain::Errors> transact(Batch& batch);
  std::optional<domain::Errors> transact_open(Batch& batch);
  std::optional<domain::Errors> begin_and_end();
  template <class Step>
  std::optional<domain::Errors> refusal_of(const char* event, Step step);
  domain::Errors failed(const char* event, const SQLite::Exception& failure);
  void prepare();
  void begin();
  void open();
  void resolve_lost_commit();
  void do_all(Batch& batch);
  Attempt attempt(Batch& batch, bool savepoints);
  Attempt perform(WriteAction& action, WriteTransaction& transaction);
  void perform_alone(WriteAction& action, WriteTransaction& transaction);
  bool perform_guarded(WriteAction& action, WriteTransaction& transaction);
  void roll_back();
  std::optional<domain::Errors> look_up_lost();
  bool took_place(const CommitMarker& marker);
  void empty_wal();
  void overwrite_remains();
  static void answer(Batch& batch, const std::optional<domain::Errors>& refused);

  const ConnectionOptions options_;
  adapters::QuietLog log_;
  adapters::Metrics& metrics_;
  std::unique_ptr<Connection> connection_;
  ChannelHeadCache channels_;
  std::optional<CommitMarker> last_update_;  ///< of the current transaction
  std::uint64_t wal_frames_ = 0;             ///< set by SQLite's WAL hook
  std::uint64_t frame_bytes_ = 0;
  bool erases_ = false;
  bool unsettled_ = false;            ///< the outcome of a commit is unknown; its remains may be in the write-ahead log
  std::optional<CommitMarker> lost_;  ///< commit marker of that commit
  bool outdated_ = false;             ///< the log mentions the newer schema already
  std::atomic<bool> healthy_{true};
};

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
  std::chrono::milliseconds readers_patience_;        ///< time that the next emptying waits for readers
  std::chrono::steady_clock::time_point not_before_;  ///< earliest time of the next `finish`, after one that failed

  std::thread thread_;
};

/// The one thread of this process that writes the file. It waits for actions, acquires the inter-process write lock,
/// commits a batch, answers, and has the write-ahead log checkpointed in between. An action that waits longer than
/// `patience` because the lock does not come is answered `database-busy`.
class Writer {
 public:
  Writer(const SqliteOptions& options, adapters::Logger& log, adapters::Metrics& metrics);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Never blocks. The action is answered exactly once: on the writer's thread, or on this thread if it is rejected at
  /// once. Thread safe.
  void submit(std::unique_ptr<WriteAction> action) { queue_.push(std::move(action)); }

  /// Commits the waiting actions, rejects later ones, and ends the thread. Idempotent.
  void stop();

  /// False if the file accepts no writes, or if the write lock did not come for 2 s. The writer also tries while no
  /// client writes, so failure and recovery are noticed without a client. Thread safe.
  bool healthy() const { return committer_.healthy() && health_.healthy(); }

 private:
  void run();
  void follow_lock_file();
  bool get_turn();
  void commit_one_batch();

  const std::size_t max_batch_;
  const std::chrono::milliseconds patience_;
  ActionQueue queue_;
  BatchCommitter committer_;
  Checkpointer checkpointer_;
  const std::string path_;
  std::unique_ptr<InterProcessWriteLock> turn_;
  adapters::WriteHealth health_;
  std::thread thread_;
};

}  // namespace danwa::sqlite
