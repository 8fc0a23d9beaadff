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

/// Group commit: many actions in one transaction, each of them whole or undone, all of them durable before
/// any is answered. Runs on: the writer's thread, which holds the right to write.
///
/// A batch is first tried without savepoints: an action that fails before it has changed anything needs
/// none. When one fails later, everything is rolled back and done again with a savepoint each.
/// After a failed COMMIT nothing is assumed: the connection is closed, and a new one looks for the batch's
/// last update. Until that has worked every batch is answered `database-failed`.
class BatchCommitter {
 public:
  BatchCommitter(ConnectionOptions options, adapters::Logger& log, adapters::Metrics& metrics);

  /// Does and answers the actions of `batch`; `before_answers` runs when their fate is known, to let the
  /// next process write. An empty batch begins a transaction and ends it, to see whether one could. False: refused.
  template <class BeforeAnswers>
  bool commit(Batch batch, BeforeAnswers before_answers) {
    std::optional<domain::Errors> refused = transact(batch);
    before_answers();
    answer(batch, refused);
    return !refused;
  }

  /// Bytes in the write-ahead log after the last commit.
  std::uint64_t wal_bytes() const { return wal_frames_ * frame_bytes_; }

  /// Whether text was blanked since the last call.
  bool take_erasure() { return std::exchange(erases_, false); }

  /// Whether the last batch could be done. Thread safe.
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
  std::optional<Witness> last_update_;  ///< of the transaction under way
  std::uint64_t wal_frames_ = 0;        ///< set by SQLite's WAL hook
  std::uint64_t frame_bytes_ = 0;
  bool erases_ = false;
  bool unsettled_ = false;       ///< a commit was lost; its remains may be in the write-ahead log
  std::optional<Witness> lost_;  ///< of that commit
  bool outdated_ = false;        ///< told in the log
  std::atomic<bool> healthy_{true};
};

}  // namespace danwa::infra
