#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <unordered_map>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/log/quiet_log.hpp"
#include "adapters/metrics/metrics.hpp"
#include "domain/channel/cursor.hpp"
#include "infra/postgres/batch_rows.hpp"
#include "infra/postgres/link.hpp"
#include "infra/postgres/postgres_options.hpp"
#include "infra/postgres/wakeup.hpp"
#include "usecase/ports/tail_listener.hpp"

namespace danwa::infra::pg {

/// Reports to a listener which channels have grown, whichever node wrote the updates. This is the sure path of
/// delivery: it needs no event bus. Polls the master every `tail_interval` on a connection of its own. Runs on: the io
/// thread.
///
/// Each poll reads the rows that the previous poll may have missed: those whose transaction id is at or above the xmin
/// of its snapshot. A transaction that stays open therefore costs repeated reads, never delay. After a reconnect, the
/// updates seen before are checked. If one is gone, the database is an older state of itself; the log then gets a new
/// epoch and the listener is notified.
class LogTail {
 public:
  struct Needs {
    boost::asio::io_context& io;
    const PostgresOptions& options;
    std::function<void(const domain::Epoch&)> epoch_seen;
    std::function<void(std::uint64_t)> end_seen;        ///< end of the master's write-ahead log
    std::function<std::optional<Witness>()> committed;  ///< the last update of this node's writer
    adapters::Logger& log;
    adapters::Metrics& metrics;
  };
  LogTail(Needs needs, domain::Epoch epoch);

  /// Reports to `listener` all growth from now on. The future becomes ready when reporting has begun. Thread safe; at
  /// most once.
  std::future<void> attach(usecase::TailListener& listener);

  void stop();  ///< thread safe

  /// True if the latest poll worked and this program knows the schema. Thread safe.
  bool healthy() const { return healthy_.load(std::memory_order_relaxed) && !outdated_; }

 private:
  struct Mark {
    domain::Seq seq;
    domain::Uuid subject;
  };
  using Growth = std::vector<usecase::TailListener::Growth>;
  static constexpr std::uint64_t kNoXid = UINT64_MAX;  ///< before the first poll, which reports no growth

  usecase::Async<void> run();
  usecase::Async<void> look();
  Script look_script(bool anew) const;
  Values marks(bool all) const;
  Growth take_growth(const Rows& rows);
  usecase::Async<void> renew(Connection& connection);
  void look_at_schema(int found);
  void start_anew(const domain::Epoch& epoch);

  Needs needs_;
  adapters::QuietLog log_;
  Link link_;
  Nap nap_;
  domain::Epoch epoch_;
  const domain::Epoch known_;                    ///< at the start of the node
  std::uint64_t from_xid_ = kNoXid;              ///< rows below it were seen
  std::uint64_t last_xid_ = 0;                   ///< the highest that was seen
  std::unordered_map<std::int64_t, Mark> told_;  ///< heads found by the latest poll that found growth
  std::int64_t newest_ = 0;                      ///< one of these channels; every poll checks its mark
  usecase::TailListener* listener_ = nullptr;
  usecase::TailListener* coming_ = nullptr;  ///< becomes the listener at the next poll
  std::promise<void> ready_;
  std::atomic<bool> healthy_{true};
  std::atomic<bool> outdated_{false};
};

}  // namespace danwa::infra::pg
