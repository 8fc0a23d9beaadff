#pragma once

#include <algorithm>
#include <chrono>

namespace danwa::adapters::http2 {

/// The allowed rate of a kind of frame: `burst` at once, `per_second` in the long run.
struct FrameRate {
  double burst;
  double per_second;
};

/// A token bucket, full at the start. Plain value.
class FrameAllowance {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit FrameAllowance(FrameRate rate) : rate_{rate}, left_{rate.burst} {}

  /// Takes one frame. False: the bucket is empty at `now`.
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

  /// Allows `frames` more, up to `burst`: the other side sent something that these frames may answer.
  void credit(double frames) { left_ = std::min(rate_.burst, left_ + frames); }

 private:
  FrameRate rate_;
  double left_;
  Time since_{};  // the refill is counted up to here
};

}  // namespace danwa::adapters::http2
