#pragma once

#include <atomic>
#include <chrono>

namespace danwa::adapters {

/// Whether a database takes writes, as its attempts tell. One failure says little, because a lock may be held or a
/// primary may change; failures over 2 s without a success between them make it unhealthy. Thread safe.
class WriteHealth {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kPatience{2};

  void worked() { failing_since_.store(0, std::memory_order_relaxed); }

  void failed(Clock::time_point now = Clock::now()) {
    Clock::rep none = 0;
    failing_since_.compare_exchange_strong(none, now.time_since_epoch().count(), std::memory_order_relaxed);
  }

  /// Whether the last attempt failed.
  bool failing() const { return failing_since_.load(std::memory_order_relaxed) != 0; }

  bool healthy(Clock::time_point now = Clock::now()) const {
    const auto since = failing_since_.load(std::memory_order_relaxed);
    return since == 0 || now.time_since_epoch() - Clock::duration{since} < kPatience;
  }

 private:
  std::atomic<Clock::rep> failing_since_{0};  // of the first failure behind the last success; 0: none
};

}  // namespace danwa::adapters
