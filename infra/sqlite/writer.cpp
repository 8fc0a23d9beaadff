#include "infra/sqlite/writer.hpp"

#include <stdexcept>

// The one thread that writes the file. Its loop: wait for actions, get the write lock that all processes of the host
// share, commit one batch, answer. The lock is released before the answers are sent, so that the next process can
// begin. While the lock does not come, actions that have waited too long are answered `database-busy`, because a
// stopped process may hold it for ever. With nothing to do, the writer still tries an empty batch each second, twice as
// often while the database does not work, so failure and recovery are noticed without a client.

namespace danwa::sqlite {

void ActionQueue::push(std::unique_ptr<WriteAction> action) {
  std::unique_lock lock{mutex_};
  if (!waiting_.push(std::move(action), lock)) return;
  length_.add();
  const bool wake = reader_waits_;
  reader_waits_ = false;
  lock.unlock();
  if (wake) arrived_.notify_one();
}

bool ActionQueue::wait(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  std::unique_lock lock{mutex_};
  while (waiting_.empty() && !waiting_.closed()) {
    reader_waits_ = true;
    if (arrived_.wait_until(lock, until) == std::cv_status::timeout) break;
  }
  reader_waits_ = false;
  return !waiting_.empty() || !waiting_.closed();
}

Batch ActionQueue::take(std::size_t most) {
  Batch batch;
  const std::scoped_lock lock{mutex_};
  while (!waiting_.empty() && batch.size() < most) batch.push_back(waiting_.pop());
  length_.sub(static_cast<std::int64_t>(batch.size()));
  return batch;
}

bool ActionQueue::expire(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  const Batch late = waiting_.take_late(deadline);
  length_.sub(static_cast<std::int64_t>(late.size()));
  const bool empty = waiting_.empty();
  lock.unlock();
  for (const auto& action : late) action->fail(storage::database_busy());
  return empty;
}

void ActionQueue::close() {
  const std::scoped_lock lock{mutex_};
  waiting_.close();
  arrived_.notify_all();
}

bool ActionQueue::closed() const {
  const std::scoped_lock lock{mutex_};
  return waiting_.closed();
}

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLook{50};    // between two searches for late actions
constexpr milliseconds kRetry{500};  // between two checks while the database does not work
constexpr milliseconds kIdle{1000};  // the same while it works and no client writes

ConnectionOptions connection_options(const SqliteOptions& options) {
  return ConnectionOptions{.path = options.master_path,
                           .access = Access::read_write,
                           .full_sync = options.full_sync,
                           .create = false,
                           .max_pages = options.max_pages};
}

}  // namespace

Writer::Writer(const SqliteOptions& options, adapters::Logger& log, adapters::Metrics& metrics)
    : max_batch_{options.max_batch},
      patience_{options.patience},
      queue_{options.writer_queue, metrics.writer_queue},
      committer_{connection_options(options), log, metrics},
      checkpointer_{connection_options(options),
                    {options.checkpoint_bytes, options.forced_bytes, options.erase_within},
                    log,
                    metrics},
      path_{options.master_path},
      turn_{std::make_unique<InterProcessWriteLock>(path_)},
      thread_{[this] { run(); }} {}

Writer::~Writer() { stop(); }

void Writer::stop() {
  queue_.close();
  if (thread_.joinable()) thread_.join();
}

void Writer::run() {
  while (queue_.wait(committer_.healthy() && !health_.failing() ? kIdle : kRetry)) {
    if (get_turn()) commit_one_batch();
  }
}

void Writer::follow_lock_file() {
  if (!turn_->has_moved()) return;
  try {
    turn_ = std::make_unique<InterProcessWriteLock>(path_);
  } catch (const std::runtime_error&) {  // its directory is gone, and the database with it; the commit finds that out
  }
}

bool Writer::get_turn() {
  follow_lock_file();
  const auto begin = steady_clock::now();
  while (!turn_->acquire_for(kLook)) {
    const auto late = steady_clock::now() - patience_;
    const bool empty = queue_.expire(late);
    if (begin < late) health_.failed(begin);
    if (empty && (begin < late || queue_.closed())) {
      turn_->give_up();
      return false;
    }
  }
  return true;
}

void Writer::commit_one_batch() {
  bool due = false;
  auto before_answers = [&] {
    due = checkpointer_.is_due(committer_.wal_bytes());
    if (!due) turn_->release();
  };
  const bool worked = committer_.commit(queue_.take(max_batch_), before_answers);
  worked ? health_.worked() : health_.failed();
  if (committer_.take_erasure()) checkpointer_.erase_soon();
  if (!due) return;
  checkpointer_.finish(committer_.wal_bytes());
  turn_->release();
}

}  // namespace danwa::sqlite
