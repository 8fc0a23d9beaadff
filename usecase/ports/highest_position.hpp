#pragma once

#include <atomic>
#include <cstdint>

namespace danwa::usecase {

/// The highest position of the present log that this node has told or seen. One above it is of no answer that this
/// node knows of, so that waiting for a replica to come there is in vain. Thread safe, without a lock.
class HighestPosition {
 public:
  void saw(std::uint64_t number) {
    auto known = highest_.load(std::memory_order_relaxed);
    while (known < number && !highest_.compare_exchange_weak(known, number, std::memory_order_relaxed)) continue;
  }

  bool covers(std::uint64_t number) const { return number <= highest_.load(std::memory_order_relaxed); }

  /// The log is another one now, whose numbers may be lower.
  void forget() { highest_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> highest_{0};
};

}  // namespace danwa::usecase
