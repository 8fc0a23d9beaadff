#pragma once

#include <algorithm>
#include <chrono>
#include <random>

namespace danwa::infra {

/// How long to wait before the next attempt: 100 ms, twice as long after each failure, 4 s at most, and of
/// that a random part between a half and all, so that nodes do not come together. With the second that a
/// connection may take, a node is back five seconds after Redis at the latest.
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

  /// After a success that lasted.
  void reset() { full_ = kFirst; }

 private:
  std::mt19937 random_;
  std::chrono::milliseconds full_ = kFirst;
};

}  // namespace danwa::infra
