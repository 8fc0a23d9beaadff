#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "adapters/metrics/metrics.hpp"
#include "infra/sqlite/write_action.hpp"
#include "infra/storage/tasks.hpp"

namespace danwa::infra {

using Batch = std::vector<std::unique_ptr<WriteAction>>;

/// Actions that wait for the writer, first come first served. Bound: `most`; an action beyond it is
/// answered `database-busy` at once, and so is one that has waited too long. Thread safe; one reader.
class ActionQueue {
 public:
  ActionQueue(std::size_t most, adapters::Gauge& length) : length_{length}, waiting_{most} {}

  void push(std::unique_ptr<WriteAction> action);

  /// Waits until there is something to do, or `limit` has passed. False: closed, and nothing is left.
  bool wait(std::chrono::milliseconds limit);

  /// At most `most` of the oldest actions; does not wait.
  Batch take(std::size_t most);

  /// Answers `database-busy` to the actions that were queued before `deadline`. True: none is left.
  bool expire(std::chrono::steady_clock::time_point deadline);

  /// From now on actions are answered `database-stopped`; those that wait may still be taken.
  void close();
  bool closed() const;

 private:
  adapters::Gauge& length_;
  mutable std::mutex mutex_;  // the members below: pushed from any thread, taken by the writer
  std::condition_variable arrived_;
  storage::WaitingTasks<WriteAction> waiting_;
  bool reader_waits_ = false;
};

}  // namespace danwa::infra
