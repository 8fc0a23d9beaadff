#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "infra/postgres/reader_pool.hpp"

namespace danwa::infra::pg {

/// Recent ends of the master's log, each with the time at which it was seen. Decides which replicas are too far behind.
/// Runs on: the io thread.
class MasterTrail {
 public:
  explicit MasterTrail(std::chrono::milliseconds max_lag) : max_lag_{max_lag} {}

  void note(std::uint64_t end);

  /// True if a replica at `position` lacks an end that the master had more than `max_lag` ago.
  bool is_behind(std::uint64_t position) const;

  void forget() { ends_.clear(); }

 private:
  struct End {
    std::chrono::steady_clock::time_point seen;
    std::uint64_t position;
  };
  const std::chrono::milliseconds max_lag_;
  std::deque<End> ends_;  ///< the newest that is older than max_lag, and all after it
};

/// The standbys, and which of them serve reads now: those that answer, are still standbys, belong to this log, and are
/// at most `max_lag` behind the master. Any other standby leaves the rotation, and returns as soon as it meets these
/// conditions.
class ReplicaRotation {
 public:
  struct Needs {
    boost::asio::io_context& io;
    const PostgresOptions& options;
    const MasterTrail& master;
    std::string epoch;  ///< of the log; a replica of another one is left out
    adapters::Logger& log;
  };
  explicit ReplicaRotation(const Needs& needs);

  /// The next serving replica in turn; null if there is none. Thread safe.
  ReaderPool* pick();

  std::size_t serving() const;  ///< thread safe

  /// The log has another epoch now. Runs on: the io thread.
  void set_epoch(const std::string& epoch) { epoch_ = epoch; }

  void stop();  ///< thread safe

 private:
  struct Replica {
    Replica(const Needs& needs, const std::string& url);
    std::string name;
    ReaderPool pool;
    Link link;  ///< for the checks
    Nap nap;
    std::atomic<bool> serves{false};
    bool seen = false;  ///< it was checked before
  };
  usecase::Async<void> watch(Replica& replica);
  usecase::Async<std::string> fault_of(Replica& replica);
  void settle(Replica& replica, const std::string& fault);

  boost::asio::io_context& io_;
  const MasterTrail& master_;
  const std::chrono::milliseconds interval_;
  const std::chrono::milliseconds limit_;
  adapters::Logger& log_;
  std::string epoch_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::atomic<std::size_t> turn_{0};
};

}  // namespace danwa::infra::pg
