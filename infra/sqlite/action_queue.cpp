#include "infra/sqlite/action_queue.hpp"

#include "infra/sqlite/sqlite_failure.hpp"

namespace danwa::infra {

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
  for (const auto& action : late) action->fail(database_busy());
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

}  // namespace danwa::infra
