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

/// Group commit: many actions in one transaction of two round trips. No action is answered before the whole batch is
/// durable. Runs on: the io thread, one batch at a time.
///
/// If the database rejects a batch, its parts are tried separately: per channel if a lock was not granted in time, else
/// per action, so that only the faulty action fails. If the connection is lost during the commit, the outcome is
/// unknown. A new connection then looks for the last update of the batch, the commit marker. It first locks the
/// marker's channel, which waits until the old transaction has ended.
class BatchCommitter {
 public:
  struct Needs {
    boost::asio::io_context& io;
    const PostgresOptions& options;
    WriteQueue& queue;  ///< takes back actions that another node's lock blocks
    adapters::Logger& log;
    adapters::Metrics& metrics;
  };
  explicit BatchCommitter(const Needs& needs);

  /// Commits and answers the actions, or puts them back into the queue.
  usecase::Async<void> commit(WriteQueue::Taken taken);

  /// Checks that the primary accepts writes. Writes nothing.
  usecase::Async<void> try_writing();

  /// Result of the recent write attempts. Thread safe.
  const adapters::WriteHealth& health() const { return health_; }

  /// The last update that this node committed.
  const std::optional<Witness>& committed() const { return committed_; }

  /// True once a newer node has migrated the database; this node writes nothing from then on. Thread safe.
  bool outdated() const { return outdated_.load(std::memory_order_relaxed); }

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
    std::optional<Witness> witness{};
    std::vector<bool> wrote{};  ///< per action: whether it added an update
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
