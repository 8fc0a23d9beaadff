#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "adapters/protocol/http/fields.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/ports/watch.hpp"
#include "usecase/read_turns.hpp"

namespace danwa::adapters::http {

/// Asks a waiting handler (a long poll) to answer with the updates that it has, because the client has left or the node
/// stops. It is also a Visit: `leave` says that the client has left, which drops its waiting reads. Runs on: the
/// connection's executor, like the handler; no locks.
class CancellationToken final : public usecase::Visit {
 public:
  bool cancelled() const { return cancelled_; }

  /// Calls `callback` once: at the cancellation, or now if it was cancelled before. A new callback replaces the old
  /// one; an empty one removes it.
  void on_cancel(std::function<void()> callback) {
    callback_ = std::move(callback);
    if (cancelled_) tell();
  }

  /// Called by the session.
  void cancel() {
    cancelled_ = true;
    tell();
  }

 private:
  void tell() {
    if (auto callback = std::exchange(callback_, nullptr)) callback();
  }

  bool cancelled_ = false;
  std::function<void()> callback_;
};

/// A request that has passed the framing guard. Header names are lower case.
struct Request {
  std::string method;                 ///< as sent, e.g. "GET"
  std::string target;                 ///< origin form as sent, or `*`; may hold a token: not for logs
  std::vector<std::string> segments;  ///< path, split at `/`, then decoded; UTF-8, no controls
  std::vector<std::pair<std::string, std::string>> query;    ///< decoded, in order; UTF-8
  std::vector<std::pair<std::string, std::string>> headers;  ///< in order, names lower case, values trimmed
  std::string body;
  bool http_1_0 = false;    ///< else HTTP/1.1
  std::string request_id;   ///< for the log and problem answers
  usecase::LeasePtr lease;  ///< of the verified caller; null: the route did not need one
  std::shared_ptr<CancellationToken>
      cancellation;  ///< set while a session runs the handler; for handlers that wait or read

  /// The first header of that (lower-case) name.
  std::optional<std::string_view> header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
  std::size_t count_header(std::string_view name) const {
    std::size_t count = 0;
    for (const auto& [key, value] : headers) count += key == name ? 1 : 0;
    return count;
  }
  /// The elements of the lists in all headers of that (lower-case) name.
  std::vector<std::string_view> elements(std::string_view name) const {
    std::vector<std::string_view> all;
    for (const auto& [key, value] : headers) {
      std::string_view rest = key == name ? std::string_view{value} : std::string_view{};
      while (const auto element = next_element(rest, ',')) all.push_back(*element);
    }
    return all;
  }
  std::optional<std::string_view> query_value(std::string_view name) const {
    for (const auto& [key, value] : query) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
  /// True for `OPTIONS *`, which asks about no resource, but about the server as a whole (RFC 9110 section 9.3.7).
  bool asks_for_server() const { return target == "*"; }
  /// The target without its query. A log may show it.
  std::string_view path() const { return std::string_view{target}.substr(0, target.find('?')); }
};

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

/// A whole answer. The session adds `Content-Length`, `Date`, `Connection` and `Server`.
struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers{};  ///< names as they should appear
  std::string content_type{};                                  ///< empty: no body
  std::string body{};
  bool close = false;    ///< the connection ends after this answer
  bool endless = false;  ///< of a HEAD: the body of the GET is a stream, which has no length

  const std::string* header(std::string_view name) const {
    const auto found = std::find_if(headers.begin(), headers.end(), [name](const auto& h) { return h.first == name; });
    return found == headers.end() ? nullptr : &found->second;
  }
  /// Adds the header unless there is one of the same spelling.
  void add_if_absent(std::string_view name, std::string_view value) {
    if (header(name) == nullptr) headers.emplace_back(name, value);
  }
};

enum class StreamKind { websocket, sse };

/// The request is allowed to become a live stream: the session upgrades the connection.
struct OpenStream {
  StreamKind kind;
  usecase::Watch watch;
  std::optional<std::string> subprotocol;  ///< of a WebSocket; named in the answer
  usecase::LeasePtr lease;                 ///< close 4401 when it ends; null: never
};

/// The request is allowed to become a WebSocket on which `peer` speaks.
struct OpenMessages {
  std::shared_ptr<MessagePeer> peer;
  std::optional<std::string> subprotocol;  ///< named in the answer
};

using Reply = std::variant<Response, OpenStream, OpenMessages>;

}  // namespace danwa::adapters::http
