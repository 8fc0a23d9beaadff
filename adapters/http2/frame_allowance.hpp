#pragma once

#include <algorithm>
#include <chrono>

namespace danwa::adapters::http2 {

/// How many frames of a kind may come: `burst` at once, `per_second` in the long run.
struct FrameRate {
  double burst;
  double per_second;
};

/// A token bucket, full at the start. Plain value.
class FrameAllowance {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit FrameAllowance(FrameRate rate) : rate_{rate}, left_{rate.burst} {}

  /// False when too many have come by `now`.
  bool take(Time now) {
    const std::chrono::duration<double> passed = now - since_;
    if (passed.count() > 0) {
      credit(passed.count() * rate_.per_second);
      since_ = now;
    }
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

  /// The other side did what entitles to `frames` more.
  void credit(double frames) { left_ = std::min(rate_.burst, left_ + frames); }

 private:
  FrameRate rate_;
  double left_;
  Time since_{};  // up to here the refill is counted
};

}  // namespace danwa::adapters::http2
