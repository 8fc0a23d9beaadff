#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "adapters/persistence/rows.hpp"
#include "infra/postgres/batch_snapshot.hpp"
#include "infra/postgres/postgres_database.hpp"
#include "infra/postgres/primary_connection.hpp"
#include "infra/storage/changes.hpp"
#include "infra/storage/tasks.hpp"

namespace danwa::postgres {

using storage::ConflictKeys;

/// One unit of work for the writer. It waits in the queue, is decided on the io thread, and is answered exactly once,
/// by `finish` or `fail`.
class WriteAction {
 public:
  explicit WriteAction(ConflictKeys conflict_keys) : conflict_keys_{std::move(conflict_keys)} {}
  virtual ~WriteAction() = default;

  const ConflictKeys& conflict_keys() const { return conflict_keys_; }

  /// Declares the facts that `decide` needs. The state of its channel is always read.
  virtual void need(BatchSnapshot& facts) const = 0;

  /// Decides from the facts, while its channel is locked, and adds the rows to write; none if the decision is an error.
  /// May be called again after a rollback. An exception from it is a defect.
  virtual void decide(const BatchSnapshot& facts, BatchRows& rows) = 0;

  /// Sets an error as the result, in place of that of `decide`.
  virtual void reject(domain::Errors errors) = 0;

  virtual void finish(const domain::Position& position) = 0;  ///< answers the result, committed at `position`
  virtual void fail(const domain::Errors& errors) = 0;        ///< answers `errors` instead

  std::chrono::steady_clock::time_point since;  ///< when it was queued

 private:
  const ConflictKeys conflict_keys_;
};

/// A change of storage/changes.hpp, and the function that takes its result.
template <class Change, class Resume>
class ChangeAction final : public WriteAction {
 public:
  ChangeAction(Change change, Resume resume)
      : WriteAction{change.conflict_keys()}, change_{std::move(change)}, resume_{std::move(resume)} {}

  void need(BatchSnapshot& facts) const override { change_.need(facts); }
  void decide(const BatchSnapshot& facts, BatchRows& rows) override { result_.emplace(change_.decide(facts, rows)); }
  void reject(domain::Errors errors) override { result_.emplace(domain::fail(std::move(errors))); }
  void finish(const domain::Position& position) override {
    if (*result_) (*result_)->position = position;
    resume_(std::move(*result_));
  }
  void fail(const domain::Errors& errors) override { resume_(Result{domain::fail(errors)}); }

 private:
  using Result = domain::Result<typename Change::Answer>;

  const Change change_;
  Resume resume_;
  std::optional<Result> result_;
};

using Batch = std::vector<std::unique_ptr<WriteAction>>;

/// Actions that wait for the writer, first come first served within a channel. Bound: `most`. An action beyond it is
/// answered `database-busy` at once, and so is one that has waited longer than `patience`. A channel that another node
/// holds is left out for a while, so that the other channels go on. Any thread pushes; the io thread takes.
class WriteQueue {
 public:
  /// `length`: shows the number of waiting actions.
  WriteQueue(boost::asio::io_context& io, std::size_t most, std::chrono::milliseconds patience, delivery::Gauge& length)
      : io_{io}, patience_{patience}, length_{length}, sleep_{io}, waiting_{most} {}

  void push(std::unique_ptr<WriteAction> action);  ///< thread safe

  /// From now on new actions are answered `database-stopped`. Waiting ones may still be taken. Thread safe.
  void close();

  /// Actions without conflicting keys: at most `most`, the oldest first. `held_before`: all are of one channel, which
  /// another node held at the last attempt.
  struct Taken {
    Batch batch;
    bool held_before = false;
  };
  Taken take(std::size_t most);

  /// Puts actions back to the front, in their order.
  void put_back(Batch batch);

  /// Leaves the channel out for a moment. Until `release` it is tried alone.
  void hold(const domain::ChannelKey& channel);
  void release(const domain::ChannelKey& channel) { held_.erase(channel); }

  /// Waits until an action may be there, or `limit` has passed. False: the queue is closed and empty.
  usecase::Async<bool> wait(std::chrono::milliseconds limit);

  /// Answers `database-busy` to the actions that have waited too long.
  void expire();

 private:
  boost::asio::io_context& io_;
  const std::chrono::milliseconds patience_;
  delivery::Gauge& length_;
  CancellableSleep sleep_;
  std::map<domain::ChannelKey, std::chrono::steady_clock::time_point> held_;  ///< the time until which each is left out
  std::mutex mutex_;  // the members below: any thread pushes, the io thread takes
  storage::WaitingTasks<WriteAction> waiting_;
};

/// Group commit: many actions in one transaction of two round trips. No action is answered before the whole batch is
/// durable. Runs on: the io thread, one batch at a time.
///
/// If the database rejects a batch, its parts are tried separately: per channel if a lock was not granted in time, else
/// per action, so that only the faulty action fails. If the connection is lost during the commit, the outcome is
/// unknown. A new connection then looks for the last update of the batch, the commit marker. It first locks the
/// marker's channel, which waits until the old transaction has ended.
class BatchCommitter {
 public:
  /// `queue` takes back actions that another node's lock blocks.
  BatchCommitter(boost::asio::io_context& io, const PostgresOptions& options, WriteQueue& queue, adapters::Logger& log,
                 adapters::Metrics& metrics);

  /// Commits and answers the actions, or puts them back into the queue.
  usecase::Async<void> commit(WriteQueue::Taken taken);

  /// Checks that the primary accepts writes. Writes nothing.
  usecase::Async<void> try_writing();

  /// False if no write has worked for 2 s although it was tried, or once a newer node has migrated the database; this
  /// node writes nothing from then on. Thread safe.
  bool healthy() const { return health_.healthy() && !outdated_.load(std::memory_order_relaxed); }

  /// Whether the last attempt to write failed. Thread safe.
  bool failing() const { return health_.failing(); }

  /// The last update that this node committed.
  const std::optional<CommitMarker>& committed() const { return committed_; }

  /// Connects in advance, before there is something to commit. A failure is only logged.
  usecase::Async<void> connect();

  /// False if the latest attempt to connect failed.
  bool connectable() const { return connectable_; }

  void close() { link_.drop(); }

 private:
  enum class Mode { together, one_channel, alone, once_more };
  enum class End { done, refused, lost, unknown };
  struct Attempt {
    End end = End::done;
    std::optional<Failure> why{};
    domain::Position position{};
    std::optional<CommitMarker> marker{};
    bool committing = false;    ///< the rows and the commit were sent
    std::vector<bool> wrote{};  ///< per action: whether it added an update
  };

  usecase::Async<Connection*> open();
  usecase::Async<void> commit(Batch batch, Mode mode);
  usecase::Async<Attempt> attempt(Batch& batch, Mode mode);
  usecase::Async<void> transact(Batch& batch, Mode mode, Attempt& attempt);
  void decide(Batch& batch, const BatchSnapshot& facts, BatchRows& rows, Attempt& attempt);
  usecase::Async<void> check_writing();
  usecase::Async<void> roll_back();
  usecase::Async<void> send_rollback();
  usecase::Async<void> refused(Batch batch, Mode mode, Failure why);
  usecase::Async<void> resolve_lost_commit(Batch batch, Attempt lost);
  usecase::Async<std::optional<bool>> look_up(const CommitMarker& marker, domain::Position& position);
  void give_back_unwritten(Batch& batch, const Attempt& lost);
  void outdated(const Batch& batch, const Failure& why);
  void fail_all(const Batch& batch, const domain::Errors& errors);
  static bool has_time(const Batch& batch, std::chrono::milliseconds patience);

  const PostgresOptions& options_;
  WriteQueue& queue_;
  adapters::QuietLog log_;
  adapters::Metrics& metrics_;
  bool connectable_ = false;
  PrimaryConnection link_;
  std::optional<CommitMarker> committed_;
  std::atomic<bool> outdated_{false};
  adapters::WriteHealth health_;
};

/// The one writer of this node: takes the waiting actions, commits them in one transaction, answers them. Its
/// coroutines run on the io thread.
class Writer {
 public:
  Writer(boost::asio::io_context& io, const PostgresOptions& options, adapters::Logger& log,
         adapters::Metrics& metrics);

  /// Never blocks. The action is answered exactly once: on the io thread, or on this thread if it is rejected at once.
  /// Thread safe.
  void submit(std::unique_ptr<WriteAction> action) { queue_.push(std::move(action)); }

  /// Commits the waiting actions and rejects later ones; then the coroutines end. Thread safe.
  void stop() { queue_.close(); }

  /// What is known of the primary from writing. The writer also tries while no client writes, so failure and recovery
  /// are noticed without a client.
  const BatchCommitter& committer() const { return committer_; }

 private:
  usecase::Async<void> run();
  usecase::Async<void> expire();

  const std::size_t max_batch_;
  WriteQueue queue_;
  BatchCommitter committer_;
  CancellableSleep expiry_;
};

}  // namespace danwa::postgres
