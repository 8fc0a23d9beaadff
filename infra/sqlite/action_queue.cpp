#include "infra/sqlite/action_queue.hpp"

#include "infra/sqlite/sqlite_failure.hpp"

namespace danwa::infra {

void ActionQueue::push(std::unique_ptr<WriteAction> action) {
  action->since = std::chrono::steady_clock::now();
  std::unique_lock lock{mutex_};
  if (closed_ || waiting_.size() >= most_) {
    const bool stopped = closed_;
    lock.unlock();
    action->fail(stopped ? database_stopped() : database_busy());
    return;
  }
  waiting_.push_back(std::move(action));
  length_.add();
  const bool wake = reader_waits_;
  reader_waits_ = false;
  lock.unlock();
  if (wake) arrived_.notify_one();
}

bool ActionQueue::wait(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  std::unique_lock lock{mutex_};
  while (waiting_.empty() && !closed_) {
    reader_waits_ = true;
    if (arrived_.wait_until(lock, until) == std::cv_status::timeout) break;
  }
  reader_waits_ = false;
  return !waiting_.empty() || !closed_;
}

Batch ActionQueue::take(std::size_t most) {
  Batch batch;
  const std::scoped_lock lock{mutex_};
  while (!waiting_.empty() && batch.size() < most) {
    batch.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  length_.sub(static_cast<std::int64_t>(batch.size()));
  return batch;
}

bool ActionQueue::expire(std::chrono::steady_clock::time_point deadline) {
  Batch late;
  std::unique_lock lock{mutex_};
  while (!waiting_.empty() && waiting_.front()->since < deadline) {
    late.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  length_.sub(static_cast<std::int64_t>(late.size()));
  const bool empty = waiting_.empty();
  lock.unlock();
  for (const auto& action : late) action->fail(database_busy());
  return empty;
}

void ActionQueue::close() {
  const std::scoped_lock lock{mutex_};
  closed_ = true;
  arrived_.notify_all();
}

bool ActionQueue::closed() const {
  const std::scoped_lock lock{mutex_};
  return closed_;
}

}  // namespace danwa::infra
