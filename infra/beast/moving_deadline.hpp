#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace danwa::infra {

/// A deadline that moves with every request. Moving it later costs one store: the timer underneath is set again only
/// when it fires too early. Runs on: the executor that it was created with.
class MovingDeadline {
 public:
  using Clock = std::chrono::steady_clock;

  explicit MovingDeadline(const boost::asio::any_io_executor& executor) : timer_{executor} {}

  /// Calls `expire` when a deadline has passed, as long as `owner` lives.
  void begin(std::weak_ptr<void> owner, std::function<void()> expire);

  void expire_after(std::chrono::milliseconds time);

  /// No deadline until the next one is set.
  void rest() { deadline_ = Clock::time_point::max(); }

  /// Ends the deadline for good.
  void end();

 private:
  void run();
  void on_timer();

  boost::asio::steady_timer timer_;
  std::weak_ptr<void> owner_;
  std::function<void()> expire_;
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point goes_off_ = Clock::time_point::max();  // when the timer fires; max: it is not set
};

}  // namespace danwa::infra
