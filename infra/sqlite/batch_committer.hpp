#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

#include "adapters/log/logger.hpp"
#include "adapters/log/quiet_log.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/sqlite/action_queue.hpp"
#include "infra/sqlite/channel_book.hpp"
#include "infra/sqlite/migrations.hpp"
#include "infra/sqlite/write_action.hpp"

namespace danwa::infra {

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
  std::optional<domain::Errors> failed(const char* event, const SQLite::Exception& failure);
  domain::Errors outdated(const SchemaNewer& failure);
  void prepare();
  void begin();
  void open();
  void settle();
  void do_all(Batch& batch);
  Attempt attempt(Batch& batch, bool savepoints);
  Attempt perform(WriteAction& action, WriteTransaction& transaction);
  void perform_alone(WriteAction& action, WriteTransaction& transaction);
  bool perform_guarded(WriteAction& action, WriteTransaction& transaction);
  void roll_back();
  std::optional<domain::Errors> look_up_lost();
  bool took_place(const Witness& witness);
  void empty_wal();
  void overwrite_remains();
  static void answer(Batch& batch, const std::optional<domain::Errors>& refused);

  const ConnectionOptions options_;
  adapters::QuietLog log_;
  adapters::Metrics& metrics_;
  std::unique_ptr<Connection> connection_;
  ChannelBook channels_;
  std::optional<Witness> last_update_;  ///< of the current transaction
  std::uint64_t wal_frames_ = 0;        ///< set by SQLite's WAL hook
  std::uint64_t frame_bytes_ = 0;
  bool erases_ = false;
  bool unsettled_ = false;       ///< the outcome of a commit is unknown; its remains may be in the write-ahead log
  std::optional<Witness> lost_;  ///< commit marker of that commit
  bool outdated_ = false;        ///< the log mentions the newer schema already
  std::atomic<bool> healthy_{true};
};

}  // namespace danwa::infra
