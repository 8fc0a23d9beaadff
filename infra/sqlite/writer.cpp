#include "infra/sqlite/writer.hpp"

#include <stdexcept>

namespace danwa::infra {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLook{50};    // between two searches for actions that have waited too long
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
      turn_{std::make_unique<WriteTurn>(path_)},
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
    turn_ = std::make_unique<WriteTurn>(path_);
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

}  // namespace danwa::infra
