#pragma once

#include <memory>
#include <string>
#include <thread>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "adapters/persistence/write_health.hpp"
#include "infra/sqlite/action_queue.hpp"
#include "infra/sqlite/batch_committer.hpp"
#include "infra/sqlite/checkpointer.hpp"
#include "infra/sqlite/sqlite_options.hpp"
#include "infra/sqlite/write_turn.hpp"

namespace danwa::infra {

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
  std::unique_ptr<WriteTurn> turn_;
  adapters::WriteHealth health_;
  std::thread thread_;
};

}  // namespace danwa::infra
