#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <unordered_map>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "domain/channel/cursor.hpp"
#include "infra/postgres/batch_snapshot.hpp"
#include "infra/postgres/postgres_database.hpp"
#include "infra/postgres/primary_connection.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::postgres {

/// How far the master's log is flushed. This is at or above everything that an earlier snapshot shows, because a commit
/// is flushed before it becomes visible. The number of a position is this place in the write-ahead log, in bytes. Log
/// that is inserted but not flushed does not count: an idle master does not send it to a standby.
inline constexpr const char* kLogEnd = "SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::text";

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
    std::function<void(std::uint64_t)> end_seen;             ///< end of the master's write-ahead log
    std::function<std::optional<CommitMarker>()> committed;  ///< the last update of this node's writer
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
  PrimaryConnection link_;
  CancellableSleep sleep_;
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

/// Maintains the monthly partitions of the log: creates those of the coming months and, if `retention` is set, drops
/// old ones. A month is dropped only when every update in it is older. Each channel's `first_seq` first moves past the
/// updates that will go, so that readers learn of the cut and see no hole. Works at the start and every hour, on a
/// connection of its own; several nodes may do so at once without harm. Runs on: the io thread.
class LogKeeper {
 public:
  LogKeeper(boost::asio::io_context& io, const PostgresOptions& options, adapters::Logger& log);

  void stop();  ///< thread safe

 private:
  usecase::Async<void> run();
  usecase::Async<void> keep();
  usecase::Async<std::uint64_t> shorten_logs(const Values& cut);
  usecase::Async<std::uint64_t> drop(const Values& cut);
  usecase::Async<std::uint64_t> ask(const char* sql, Values values);

  boost::asio::io_context& io_;
  const PostgresOptions& options_;
  adapters::QuietLog log_;
  PrimaryConnection link_;
  CancellableSleep sleep_;
};

}  // namespace danwa::postgres
