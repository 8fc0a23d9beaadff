#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "usecase/async.hpp"
#include "usecase/ports/credential_lease.hpp"

namespace danwa::adapters::websocket {

/// A WebSocket as the one who speaks on it sees it. Runs on: the connection's io thread, but for `post`.
class MessageLink {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~MessageLink() = default;

  /// One text message, after all earlier ones, when the present call or task returns. What the socket does not
  /// take then waits: look at `has_unsent`.
  virtual void send(std::string_view text) = 0;
  virtual bool has_unsent() const = 0;

  /// Says so to the client, and ends the connection. `MessagePeer::on_end` comes before this returns.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  /// Calls `MessagePeer::on_alarm` then; replaces an earlier time; nothing: never.
  virtual void set_alarm(std::optional<Clock::time_point> when) = 0;

  /// Closes the connection with this code when the lease ends; replaces an earlier one.
  virtual void hold(usecase::LeasePtr lease, std::uint16_t code) = 0;

  /// Runs `task` here. What it throws is logged and ends the connection.
  virtual void spawn(usecase::Async<void> task) = 0;

  /// Runs `call` here, later; drops it when the connection is gone. Any thread; only enqueues.
  virtual void post(std::function<void()> call) = 0;
};

/// The one who speaks on a WebSocket. Runs on: the connection's io thread.
class MessagePeer {
 public:
  virtual ~MessagePeer() = default;

  virtual void on_open(const std::shared_ptr<MessageLink>& link) = 0;  ///< first of all; keep no share of it
  virtual void on_message(std::string_view text) = 0;                  ///< a whole text message, UTF-8
  virtual void on_drained() = 0;  ///< nothing is unsent, no message waits; may come repeatedly

  /// Messages that are made when the socket takes them, behind all that was sent: of what does not fit, nothing is
  /// fixed yet. `next_message` is asked again, and may answer otherwise, until a byte of its answer is on the wire,
  /// which `on_message_begun` tells. Null: none waits any more.
  virtual bool has_message() const = 0;
  virtual std::shared_ptr<const std::string> next_message() = 0;
  virtual void on_message_begun() = 0;

  virtual void on_alarm() = 0;
  virtual void on_heartbeat() = 0;  ///< a ping goes out: the time to say something regularly
  virtual void on_end() = 0;        ///< the last call: nothing can be sent any more
};

}  // namespace danwa::adapters::websocket
