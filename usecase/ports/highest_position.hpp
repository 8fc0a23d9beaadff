#pragma once

#include <atomic>
#include <cstdint>

namespace danwa::usecase {

/// The highest position of the present log that this node has sent or seen. No answer of this node carries a higher
/// one, so the node does not wait for a replica to reach a higher one. Thread safe, without a lock.
class HighestPosition {
 public:
  void saw(std::uint64_t number) {
    auto known = highest_.load(std::memory_order_relaxed);
    while (known < number && !highest_.compare_exchange_weak(known, number, std::memory_order_relaxed)) continue;
  }

  bool covers(std::uint64_t number) const { return number <= highest_.load(std::memory_order_relaxed); }

  /// Called when another log takes over, whose numbers may be lower.
  void forget() { highest_.store(0, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> highest_{0};
};

}  // namespace danwa::usecase
