#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "usecase/ports/async.hpp"
#include "usecase/ports/credential_lease.hpp"

namespace danwa::adapters::http {

/// A WebSocket, from the view of the peer that uses it. Runs on: the connection's io thread, except `post`.
class MessageLink {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~MessageLink() = default;

  /// Sends one text message after all earlier ones, when the present call or task returns. Messages that the socket
  /// does not take then wait; see `has_unsent`.
  virtual void send(std::string_view text) = 0;
  virtual bool has_unsent() const = 0;

  /// Sends a close frame and ends the connection. `MessagePeer::on_end` is called before this returns.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;

  /// Calls `MessagePeer::on_alarm` at that time; replaces an earlier time. Empty: never.
  virtual void set_alarm(std::optional<Clock::time_point> when) = 0;

  /// Closes the connection with `code` when the lease ends; replaces an earlier lease.
  virtual void hold(usecase::LeasePtr lease, std::uint16_t code) = 0;

  /// Runs `task` on this thread. An exception from it is logged and ends the connection.
  virtual void spawn(usecase::Async<void> task) = 0;

  /// Runs `call` on this thread, later; drops it if the connection is gone. Any thread; only enqueues.
  virtual void post(std::function<void()> call) = 0;
};

/// The user of a WebSocket: receives its messages and sends others. Runs on: the connection's io thread.
class MessagePeer {
 public:
  virtual ~MessagePeer() = default;

  virtual void on_open(
      const std::shared_ptr<MessageLink>& link) = 0;   ///< the first call; the peer must not keep the pointer alive
  virtual void on_message(std::string_view text) = 0;  ///< a whole text message, valid UTF-8
  virtual void on_drained() = 0;  ///< nothing is unsent and no message waits; may be called repeatedly

  /// Messages that are created when the socket takes them, after everything that was sent. A message that does not fit
  /// yet is not fixed: `next_message` is called again, and may return another one, until a byte of it is on the wire;
  /// then `on_message_begun` follows. Null: no message waits any more.
  virtual bool has_message() const = 0;
  virtual std::shared_ptr<const std::string> next_message() = 0;
  virtual void on_message_begun() = 0;

  virtual void on_alarm() = 0;
  virtual void on_heartbeat() = 0;  ///< a ping is sent; the time for regular messages
  virtual void on_end() = 0;        ///< the last call; nothing can be sent any more
};

}  // namespace danwa::adapters::http
