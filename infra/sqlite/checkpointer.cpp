#include "infra/sqlite/writer.hpp"

#include <sqlite3.h>

#include "infra/sqlite/failpoint.hpp"

// SQLite's automatic checkpoint runs inside a commit, so the clients of that commit would wait for it; it is switched
// off. Here a thread copies most of the log with a PASSIVE checkpoint, which waits for nobody and disturbs neither
// readers nor the writer. Only the short rest is copied by the writer between two batches (RESTART), because the log
// can start anew only when all of it is copied and no reader needs it.
//
// A reader that stays in an old snapshot keeps the log from starting anew. The writer waits 50 ms for such readers, and
// 500 ms when the log has `hard` bytes. After a failed attempt it pauses ten times as long as it waited, so that slow
// readers cost the writer at most a tenth of its time, and the log grows meanwhile.
//
// An emptying (TRUNCATE) follows removals, because removed text stays readable in the log file until it is overwritten.

namespace danwa::sqlite {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kShortPatience{50};  // wait for readers, when the log may still grow
constexpr milliseconds kLongPatience{500};  // the same when the log has `hard` bytes, or an emptying failed
constexpr milliseconds kPause{500};         // after a pass that did not copy everything
constexpr milliseconds kEraseAgain{2000};   // until the next emptying, after one that readers prevented
constexpr int kPausePerWait = 10;           // failed attempts take at most a tenth of the writer's time

}  // namespace

Checkpointer::Checkpointer(ConnectionOptions options, Limits limits, adapters::Logger& log, adapters::Metrics& metrics)
    : options_{std::move(options)},
      limits_{limits},
      metrics_{metrics},
      log_{log},
      erase_at_{steady_clock::now() + limits.erase_within},  // for removals of a process that ended before its emptying
      readers_patience_{kShortPatience},
      thread_{[this] { run(); }} {}

Checkpointer::~Checkpointer() {
  {
    const std::scoped_lock lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

/// Called after every commit, so it must be cheap. Asks the thread for a pass, or the writer for the finish.
bool Checkpointer::is_due(std::uint64_t wal_bytes) {
  if (wal_bytes < limits_.soft) return false;
  const std::scoped_lock lock{mutex_};
  if (wal_bytes < log_at_last_pass_) log_at_last_pass_ = 0;  // a writer has started the log anew
  const bool may_finish = steady_clock::now() >= not_before_;
  if (wal_bytes >= limits_.hard && may_finish) return true;
  if (running_ || wanted_) return false;
  if (wal_bytes - log_at_last_pass_ <= limits_.soft / 2) return may_finish;  // most is copied already
  wanted_ = true;
  changed_.notify_all();
  return false;
}

void Checkpointer::finish(std::uint64_t wal_bytes) {
  const bool forced = wal_bytes >= limits_.hard;
  const auto start = steady_clock::now();
  const Outcome outcome = checkpoint(SQLITE_CHECKPOINT_RESTART, forced ? kLongPatience : kShortPatience);
  const std::scoped_lock lock{mutex_};
  log_at_last_pass_ = 0;
  const auto end = steady_clock::now();
  if (!outcome.complete()) not_before_ = end + milliseconds{10} + (end - start) * kPausePerWait;
}

void Checkpointer::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    const auto ready = [this] { return stopping_ || wanted_ || is_erasure_due(); };
    if (!ready()) {
      const auto until = erase_at_;  // a copy, because it may change during the wait
      until ? void(changed_.wait_until(lock, *until)) : changed_.wait(lock);
      continue;
    }
    if (stopping_) return;
    if (is_erasure_due()) {
      erase(lock);
    } else {
      pass(lock);
    }
  }
}

/// Copies as much as possible without waiting for anybody.
void Checkpointer::pass(std::unique_lock<std::mutex>& lock) {
  wanted_ = false;
  running_ = true;
  lock.unlock();
  const Outcome outcome = checkpoint(SQLITE_CHECKPOINT_PASSIVE, milliseconds{0});
  lock.lock();
  running_ = false;
  log_at_last_pass_ = outcome.copied_bytes();
  if (!outcome.complete()) changed_.wait_for(lock, kPause, [this] { return stopping_; });
}

void Checkpointer::erase_soon() {
  const std::scoped_lock lock{mutex_};
  if (erase_at_) return;
  erase_at_ = steady_clock::now() + limits_.erase_within;
  changed_.notify_all();
}

bool Checkpointer::is_erasure_due() const { return erase_at_ && steady_clock::now() >= *erase_at_; }

// Most is copied beside the writer. Writers then wait only for the rest, and for readers that are about to end.
void Checkpointer::erase(std::unique_lock<std::mutex>& lock) {
  erase_at_.reset();  // a removal from now on schedules an emptying of its own
  running_ = true;
  const auto patience = readers_patience_;
  lock.unlock();
  checkpoint(SQLITE_CHECKPOINT_PASSIVE, milliseconds{0});
  const Outcome outcome = checkpoint(SQLITE_CHECKPOINT_TRUNCATE, patience);
  lock.lock();
  running_ = false;
  log_at_last_pass_ = 0;
  readers_patience_ = outcome.complete() ? kShortPatience : kLongPatience;
  if (!outcome.complete()) erase_at_ = steady_clock::now() + kEraseAgain;
}

Checkpointer::Outcome Checkpointer::checkpoint(int mode, milliseconds patience) {
  const std::scoped_lock lock{connection_mutex_};
  Outcome outcome;
  try {
    sqlite3* handle = connection().handle();
    sqlite3_busy_timeout(handle, static_cast<int>(patience.count()));
    failpoint_within("in-checkpoint");
    const int code = sqlite3_wal_checkpoint_v2(handle, nullptr, mode, &outcome.in_log, &outcome.copied);
    if (code == SQLITE_BUSY) return Outcome{};  // a reader is slow, or another process runs a checkpoint
    if (code != SQLITE_OK) throw SQLite::Exception{handle, code};
    outcome.frame_bytes = connection_->frame_bytes();
    metrics_.checkpoints.add();
  } catch (const SQLite::Exception& failure) {
    log_.error("database.checkpoint-failed", {{"code", failure.getExtendedErrorCode()}, {"reason", failure.what()}});
    connection_.reset();
    return Outcome{};
  }
  return outcome;
}

Connection& Checkpointer::connection() {
  if (connection_ && connection_->has_moved()) connection_.reset();
  if (!connection_) connection_ = std::make_unique<Connection>(options_);
  return *connection_;
}

}  // namespace danwa::sqlite
