#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace danwa::adapters::websocket {

/// Number of messages that a client may still send: a token bucket, full at the start. Counts whole messages, pings,
/// pongs and empty fragments. Plain value, 16 bytes.
class Allowance {
 public:
  static constexpr std::uint32_t kBurst = 2'000;
  static constexpr std::uint32_t kPerSecond = 100;

  /// Counts one message. False: the client has sent too many.
  bool take(std::chrono::steady_clock::time_point now) {
    refill(now);
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  void refill(std::chrono::steady_clock::time_point now) {
    if (left_ == kBurst) since_ = now;
    const auto earned = (now - since_) / kOne;
    if (earned <= 0) return;
    left_ = static_cast<std::uint32_t>(std::min<std::int64_t>(kBurst, left_ + earned));
    since_ += earned * kOne;
  }

  static constexpr std::chrono::nanoseconds kOne{1'000'000'000 / kPerSecond};
  std::chrono::steady_clock::time_point since_{};  // the refill is counted up to this time
  std::uint32_t left_ = kBurst;
};

}  // namespace danwa::adapters::websocket
