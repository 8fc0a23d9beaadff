#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "infra/postgres/connection.hpp"
#include "infra/postgres/session.hpp"
#include "usecase/ports/async.hpp"

namespace danwa::postgres {

/// Lets coroutines of the io thread sleep until another thread has work for them.
class AsyncEvent {
 public:
  explicit AsyncEvent(boost::asio::io_context& io)
      : io_{io}, timer_{io, std::chrono::steady_clock::time_point::max()} {}

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
class CancellableSleep {
 public:
  explicit CancellableSleep(boost::asio::io_context& io) : timer_{io} {}

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

/// A connection to the first of a server's hosts that answers. It is opened on demand and opened again after a loss.
/// Fails fast for 100 ms after a failed connect, so that queued callers do not each wait for the timeout. Runs on: the
/// database's io thread; one user at a time.
class PrimaryConnection {
 public:
  /// Connects to the hosts of `url`. `connect_timeout`: per host; `limits`: of each session.
  PrimaryConnection(boost::asio::io_context& io, const std::string& url, Role role,
                    std::chrono::milliseconds connect_timeout, SessionLimits limits)
      : io_{io}, targets_{targets_of(url, role)}, connect_timeout_{connect_timeout}, limits_{limits} {}

  /// The connection, which stays valid until `drop`. Throws Failure (lost).
  usecase::Async<Connection*> connected();

  /// The same for a caller that needs the connection later.
  usecase::Async<void> connect() { co_await connected(); }

  bool is_open() const { return connection_ && connection_->usable(); }

  /// Name of the host that answered last.
  const std::string& host() const { return targets_[last_].name; }

  /// Fails the current call as lost. The next call connects again.
  void abort(const char* why) {
    if (connection_) connection_->abort(why);
  }

  /// Closes the connection. Must not be called during a call.
  void drop() { connection_.reset(); }

  /// Prevents further connections; an attempt in progress fails.
  void stop();

 private:
  usecase::Async<std::optional<Failure>> refusal_of(const Target& target);
  usecase::Async<void> begin_session(const Target& target);

  boost::asio::io_context& io_;
  const std::vector<Target> targets_;
  const std::chrono::milliseconds connect_timeout_;
  const SessionLimits limits_;
  std::unique_ptr<Connection> connection_;
  std::size_t last_ = 0;  ///< index of the target that answered last
  std::optional<Failure> refusal_;
  std::chrono::steady_clock::time_point refused_until_{};
  bool connecting_ = false;
  bool stopped_ = false;
};

}  // namespace danwa::postgres
