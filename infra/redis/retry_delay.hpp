#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace danwa::infra {

/// The delay before the next attempt: 100 ms, doubled after each failure, at most 4 s. A random part between half and
/// all of it is used, so that the nodes do not connect at the same time. With the second that a connection may take, a
/// node is back at most five seconds after Redis.
class RetryDelay {
 public:
  static constexpr std::chrono::milliseconds kFirst{100};
  static constexpr std::chrono::milliseconds kMost{4000};

  explicit RetryDelay(unsigned seed) : random_{seed} {}

  std::chrono::milliseconds next() {
    std::uniform_int_distribution<std::chrono::milliseconds::rep> part{full_.count() / 2, full_.count()};
    full_ = std::min(2 * full_, kMost);
    return std::chrono::milliseconds{part(random_)};
  }

  /// Call it after a connection that lasted.
  void reset() { full_ = kFirst; }

 private:
  std::mt19937 random_;
  std::chrono::milliseconds full_ = kFirst;
};

}  // namespace danwa::infra
