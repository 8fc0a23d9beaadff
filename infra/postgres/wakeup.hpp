#pragma once

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "usecase/ports/async.hpp"

namespace danwa::infra::pg {

/// Lets coroutines of the io thread sleep until another thread has work for them.
class Wakeup {
 public:
  explicit Wakeup(boost::asio::io_context& io) : io_{io}, timer_{io, std::chrono::steady_clock::time_point::max()} {}

  /// Sleeps until `wake_one` or `wake_all`; may return early. Runs on: the io thread.
  usecase::Async<void> wait() {
    boost::system::error_code ignored;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  }

  void wake_one() {  ///< thread safe
    boost::asio::post(io_, [this] { timer_.cancel_one(); });
  }
  void wake_all() {  ///< thread safe
    boost::asio::post(io_, [this] { timer_.cancel(); });
  }

 private:
  boost::asio::io_context& io_;
  boost::asio::steady_timer timer_;
};

/// A sleep that can be cut short. Runs on: the io thread; one sleeper.
class Nap {
 public:
  explicit Nap(boost::asio::io_context& io) : timer_{io} {}

  usecase::Async<void> sleep(std::chrono::milliseconds time) {
    if (ended_) co_return;
    timer_.expires_after(time);
    boost::system::error_code ignored;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  }

  void cut() { timer_.cancel(); }

  /// Cuts this sleep short, and every later one.
  void end() {
    ended_ = true;
    timer_.cancel();
  }
  bool ended() const { return ended_; }

 private:
  boost::asio::steady_timer timer_;
  bool ended_ = false;
};

}  // namespace danwa::infra::pg
