#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/log/quiet_log.hpp"
#include "adapters/metrics/metrics.hpp"
#include "adapters/persistence/write_health.hpp"
#include "infra/postgres/link.hpp"
#include "infra/postgres/postgres_options.hpp"
#include "infra/postgres/write_action.hpp"
#include "infra/postgres/write_queue.hpp"

namespace danwa::infra::pg {

/// Group commit: many actions in one transaction of two round trips, all of them durable before any is answered.
/// Runs on: the io thread, one batch at a time.
///
/// A batch that the database refuses is done again in parts: channel by channel when a lock did not come, else
/// action by action, so that each fails alone. After a connection that was lost in the commit nothing is
/// assumed: a new one looks for the batch's last update, under the lock of its channel, which waits for the old
/// transaction's end.
class BatchCommitter {
 public:
  struct Needs {
    boost::asio::io_context& io;
    const PostgresOptions& options;
    WriteQueue& queue;  ///< takes back what somebody else's lock keeps from being done
    adapters::Logger& log;
    adapters::Metrics& metrics;
  };
  explicit BatchCommitter(const Needs& needs);

  /// Does and answers the actions, or gives them back to the queue.
  usecase::Async<void> commit(WriteQueue::Taken taken);

  /// Tries whether the primary would take a write, and writes nothing.
  usecase::Async<void> try_writing();

  /// What the attempts tell. Thread safe.
  const adapters::WriteHealth& health() const { return health_; }

  /// The last update of ours that was committed.
  const std::optional<Witness>& committed() const { return committed_; }

  /// A newer node has migrated the database, so this one writes nothing any more. Thread safe.
  bool outdated() const { return outdated_.load(std::memory_order_relaxed); }

  /// Connects, if it can, before there is something to commit.
  usecase::Async<void> connect();

  /// Whether the latest try to connect did not fail.
  bool connectable() const { return connectable_; }

  void close() { link_.drop(); }

 private:
  enum class Mode { together, one_channel, alone, once_more };
  enum class End { done, refused, lost, unknown };
  struct Attempt {
    End end = End::done;
    std::optional<Failure> why{};
    domain::Position position{};
    std::optional<Witness> witness{};
    std::vector<bool> wrote{};  ///< by action
  };

  usecase::Async<Connection*> open();
  usecase::Async<void> commit(Batch batch, Mode mode);
  usecase::Async<Attempt> attempt(Batch& batch, Mode mode);
  usecase::Async<void> transact(Batch& batch, Mode mode, Attempt& attempt, bool& committing);
  void decide(Batch& batch, const BatchFacts& facts, BatchRows& rows, Attempt& attempt);
  usecase::Async<void> roll_back();
  usecase::Async<void> refused(Batch batch, Mode mode, Failure why);
  usecase::Async<void> settle(Batch batch, Attempt lost);
  usecase::Async<std::optional<bool>> look_up(const Witness& witness, domain::Position& position);
  void give_back_unwritten(Batch& batch, const Attempt& lost);
  void outdated(const Batch& batch, const Failure& why);
  void fail_all(const Batch& batch, const domain::Errors& errors);
  static bool has_time(const Batch& batch, std::chrono::milliseconds patience);

  const PostgresOptions& options_;
  WriteQueue& queue_;
  adapters::QuietLog log_;
  adapters::Metrics& metrics_;
  bool connectable_ = false;
  Link link_;
  std::optional<Witness> committed_;
  std::atomic<bool> outdated_{false};
  adapters::WriteHealth health_;
};

}  // namespace danwa::infra::pg
