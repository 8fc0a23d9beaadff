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

/// Tells a listener which channels have grown, whoever made them grow: the sure path of delivery. Looks at the
/// master every `tail_interval`, on a connection of its own. Runs on: the io thread.
///
/// A look reads the rows whose transaction the look before may not have seen: those at or above the xmin of its
/// snapshot. So a transaction that stays open costs reading rows again, never delay. After a connection that was
/// made anew, what was seen before is checked: if something of it is gone, the database is an older state of
/// itself; the log gets a new epoch and the listener is told.
class LogTail {
 public:
  struct Needs {
    boost::asio::io_context& io;
    const PostgresOptions& options;
    std::function<void(const domain::Epoch&)> epoch_seen;
    std::function<void(std::uint64_t)> end_seen;        ///< how far the master's log is written
    std::function<std::optional<Witness>()> committed;  ///< the last update of this node's writer
    adapters::Logger& log;
    adapters::Metrics& metrics;
  };
  LogTail(Needs needs, domain::Epoch epoch);

  /// Tells `listener` of what comes after now; the future is ready when that has begun. Thread safe; at most once.
  std::future<void> attach(usecase::TailListener& listener);

  void stop();  ///< thread safe

  /// Whether the latest look has worked. Thread safe.
  bool healthy() const { return healthy_.load(std::memory_order_relaxed) && !outdated_; }

 private:
  struct Mark {
    domain::Seq seq;
    domain::Uuid subject;
  };
  using Growth = std::vector<usecase::TailListener::Growth>;
  static constexpr std::uint64_t kNoXid = UINT64_MAX;  ///< before the first look, which takes nothing as news

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
  std::uint64_t from_xid_ = kNoXid;              ///< rows below it are seen
  std::uint64_t last_xid_ = 0;                   ///< the highest that was seen
  std::unordered_map<std::int64_t, Mark> told_;  ///< what the latest look with news has found
  std::int64_t newest_ = 0;                      ///< one of these channels
  usecase::TailListener* listener_ = nullptr;
  usecase::TailListener* coming_ = nullptr;  ///< listens from the next look on
  std::promise<void> ready_;
  std::atomic<bool> healthy_{true};
  std::atomic<bool> outdated_{false};
};

}  // namespace danwa::infra::pg
