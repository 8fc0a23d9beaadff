#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

#include "adapters/metrics/metrics.hpp"
#include "infra/postgres/wakeup.hpp"
#include "infra/postgres/write_action.hpp"
#include "infra/storage/tasks.hpp"

namespace danwa::infra::pg {

/// Actions that wait for the writer, per channel first come first served. Bound: `most`; an action beyond it is
/// answered `database-busy` at once, and so is one that has waited longer than `patience`. A channel that
/// somebody else holds is left out for a while, so that the others go on. Pushed from any thread, taken on the
/// io thread.
class WriteQueue {
 public:
  struct Needs {
    boost::asio::io_context& io;
    std::size_t most;
    std::chrono::milliseconds patience;
    adapters::Gauge& length;
  };
  explicit WriteQueue(const Needs& needs) : needs_{needs}, nap_{needs.io}, waiting_{needs.most} {}

  void push(std::unique_ptr<WriteAction> action);  ///< thread safe

  /// From now on actions are answered `database-stopped`; those that wait may still be taken. Thread safe.
  void close();

  /// Actions that do not touch each other's things: at most `most`, the oldest first. `held_before`: they are of
  /// one channel, which somebody else held when it was tried last.
  struct Taken {
    Batch batch;
    bool held_before = false;
  };
  Taken take(std::size_t most);

  /// Puts actions back to the front, in their order.
  void put_back(Batch batch);

  /// Leaves the channel out for a moment; until `release` it is tried alone.
  void hold(const domain::ChannelKey& channel);
  void release(const domain::ChannelKey& channel) { held_.erase(channel); }

  /// Until there may be something to take, or `limit` has passed. False: closed, and nothing is left.
  usecase::Async<bool> wait(std::chrono::milliseconds limit);

  /// Answers `database-busy` to those that have waited too long.
  void expire();

 private:
  const Needs needs_;
  Nap nap_;
  std::map<domain::ChannelKey, std::chrono::steady_clock::time_point> held_;  ///< until when each is left out
  std::mutex mutex_;  // the members below: any thread pushes, the io thread takes
  storage::WaitingTasks<WriteAction> waiting_;
};

}  // namespace danwa::infra::pg
