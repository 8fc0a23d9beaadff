#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/log/logger.hpp"
#include "domain/core/uuid.hpp"
#include "infra/sqlite/connection.hpp"

namespace danwa::infra {

/// Decides whether a file that another program keeps as a copy of the master may serve reads. It must hold the master's
/// log (the same epoch, and its newest update is the master's at that position), and lack nothing that the master had
/// more than `max_lag` ago. A file that does not meet this is left out until it does. Checks every `interval`, on a
/// thread of its own. The copy serves nothing until it has caught up once with the state that the master had at the
/// start.
class ReplicaWatch {
 public:
  struct Needs {
    std::string master;   ///< path
    std::string replica;  ///< path
    std::chrono::milliseconds interval;
    std::chrono::milliseconds max_lag;
    adapters::Logger& log;
  };

  /// Checks once before it returns.
  explicit ReplicaWatch(Needs needs);
  ~ReplicaWatch();
  ReplicaWatch(const ReplicaWatch&) = delete;
  ReplicaWatch& operator=(const ReplicaWatch&) = delete;

  bool serves() const { return serves_.load(std::memory_order_relaxed); }  ///< thread safe

 private:
  using Time = std::chrono::steady_clock::time_point;

  struct Newest {  ///< update; position 0: none
    std::int64_t position = 0;
    domain::Uuid subject;
  };
  struct End {
    Time seen;
    std::int64_t position;
  };
  enum class Fault { none, another_log, behind, unreadable };

  void run();
  Fault look();
  Connection& opened(std::unique_ptr<Connection>& connection, const std::string& path);
  bool is_of_one_log(const Newest& newest);
  bool is_behind(std::int64_t position, Time now);
  void settle(Fault fault);
  static Newest newest_of(Connection& connection);

  const Needs needs_;
  std::unique_ptr<Connection> master_;
  std::unique_ptr<Connection> replica_;
  std::deque<End> ends_;  ///< recent ends of the master's log: the newest that is older than max_lag, and all after it
  std::string reason_;    ///< why the file cannot be read
  bool told_ = false;
  std::atomic<bool> serves_{false};

  std::mutex mutex_;  // stopping_ alone
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace danwa::infra
