#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "adapters/log/logger.hpp"

namespace danwa::storage {

/// Recent ends of the master's log, each with the time at which it was seen. Decides which replicas are too far behind.
/// The lag is time and needs no clock of another machine: a replica is behind if it lacks an end that was seen more
/// than `max_lag` ago. A master without writes therefore never makes a replica look late. Used by one thread.
class MasterTrail {
 public:
  explicit MasterTrail(std::chrono::milliseconds max_lag) : max_lag_{max_lag} {}

  void note(std::uint64_t end) { note(end, Clock::now()); }

  /// The first end of all is of unknown age, so a replica must have it, whenever it is asked for.
  void note_from_start(std::uint64_t end) {
    const auto age = ends_.empty() ? 2 * max_lag_ : std::chrono::milliseconds{0};
    note(end, Clock::now() - age);
  }

  /// True if a replica at `position` lacks an end that the master had more than `max_lag` ago.
  bool is_behind(std::uint64_t position) const {
    for (const auto& end : ends_) {
      if (is_old(end) && end.position > position) return true;
    }
    return false;
  }

  void forget() { ends_.clear(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct End {
    Clock::time_point seen;
    std::uint64_t position;
  };
  void note(std::uint64_t end, Clock::time_point seen) {
    ends_.push_back({seen, end});
    while (ends_.size() > 1 && is_old(ends_[1])) ends_.pop_front();
  }
  bool is_old(const End& end) const { return Clock::now() - end.seen > max_lag_; }

  const std::chrono::milliseconds max_lag_;
  std::deque<End> ends_;  ///< the newest that is older than max_lag, and all after it
};

/// Whether a replica serves reads. Logs each change, and at the start that it does not.
class ReplicaState {
 public:
  ReplicaState(std::string name, adapters::Logger& log) : name_{std::move(name)}, log_{log} {}

  bool serves() const { return serves_.load(std::memory_order_relaxed); }  ///< thread safe

  /// Takes the result of a check; no fault: empty. True: the replica was left out just now. One caller at a time.
  bool settle(const std::string& fault) {
    const bool serves = fault.empty();
    const bool changed = serves_.exchange(serves) != serves || (!std::exchange(checked_, true) && !serves);
    if (!changed) return false;
    if (serves) {
      log_.info("replica.serves", {{"replica", name_}});
    } else {
      log_.warn("replica.left-out", {{"replica", name_}, {"reason", fault}});
    }
    return !serves;
  }

 private:
  const std::string name_;
  adapters::Logger& log_;
  std::atomic<bool> serves_{false};
  bool checked_ = false;
};

}  // namespace danwa::storage
