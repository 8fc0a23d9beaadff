#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "infra/net/addresses.hpp"

namespace danwa::client {

/// The node cannot be reached, or the connection broke; the text says which node and why.
class NetworkError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The address of a node's HTTP endpoint: `host:port`, `http://host:port`, `[::1]:port`. Resolved once.
struct Endpoint {
  std::string name;                           ///< `host:port` as it goes into the Host header
  std::vector<net::SocketAddress> addresses;  ///< all of the host, in the order in which they are tried; never empty

  /// Throws NetworkError if the text is not such an address, or the host is unknown.
  static Endpoint parse(std::string_view text);
};

using Deadline = std::chrono::steady_clock::time_point;

/// A TCP connection to a node for a caller that blocks: every operation is an asynchronous one of Asio or Beast, run to
/// its end or its deadline by a loop of the connection's own. Not thread safe.
class NodeConnection {
 public:
  /// Tries the addresses in order. Each but the last has its share of the time, at most 3 s. Throws NetworkError, which
  /// names the failure of every address.
  NodeConnection(const Endpoint& node, Deadline deadline);

  boost::asio::io_context& loop() { return loop_; }
  boost::beast::tcp_stream& stream() { return stream_; }

  /// Runs the operation that `start` begins with the given handler. Returns its error. After a deadline
  /// (`boost::beast::error::timeout`) the connection is closed.
  template <class Start>
  boost::system::error_code run(Deadline deadline, Start start) {
    boost::system::error_code result;
    stream_.expires_at(deadline);
    start([&result](const boost::system::error_code& error, auto&&...) { result = error; });
    loop_.restart();
    loop_.run();
    return result;
  }

 private:
  void connect(const net::SocketAddress& address, Deadline deadline);

  boost::asio::io_context loop_{1};
  boost::beast::tcp_stream stream_{loop_};
};

/// The reason why an exchange with `node` failed, for people.
NetworkError to_network_error(const Endpoint& node, const boost::system::error_code& error);

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::string token{};  ///< bearer; empty: none
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};  ///< JSON; empty: no body
};

struct HttpReply {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  bool keep_alive = false;                               ///< the connection may be used again
  std::string_view header(std::string_view name) const;  ///< of the lower-case name; empty if absent
};

/// One node, one keep-alive connection, one request at a time. Not thread safe.
class HttpClient {
 public:
  explicit HttpClient(Endpoint node, std::chrono::milliseconds timeout = std::chrono::seconds{10});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Throws NetworkError. If a kept connection turns out to be closed, a GET is sent once more on a new one; other
  /// requests are not.
  HttpReply send(const HttpRequest& request);

  const Endpoint& node() const { return node_; }

 private:
  HttpReply exchange(const HttpRequest& request);

  Endpoint node_;
  std::chrono::milliseconds timeout_;
  std::unique_ptr<NodeConnection> connection_;
};

/// The same parser without a connection, for a loop that receives by itself. Interim answers (1xx, but for 101) are
/// skipped.
///
///     while (parser.feed(bytes)) on_reply(parser.take());
class ReplyParser {
 public:
  ReplyParser();
  ~ReplyParser();
  ReplyParser(const ReplyParser&) = delete;
  ReplyParser& operator=(const ReplyParser&) = delete;

  /// Consumes bytes from the front of `bytes`; a head only as a whole. True: an answer is complete. Throws NetworkError
  /// for bytes that are not HTTP/1.1.
  bool feed(std::string_view& bytes);

  /// The whole answer; the next one may follow.
  HttpReply take();

  /// Drops a part of an answer: the next bytes are of another connection.
  void restart();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

/// A watcher's connection: reads text messages, answers pings by itself. Not thread safe.
class WebSocketClient {
 public:
  /// Refused with an HTTP status instead of 101.
  struct Refused {
    int status = 0;
    std::string body;
  };

  WebSocketClient();
  ~WebSocketClient();
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  /// Connects and upgrades. nullopt: it worked. Throws NetworkError.
  std::optional<Refused> open(const Endpoint& node, std::string_view target, std::string_view token,
                              std::chrono::milliseconds timeout = std::chrono::seconds{10});

  enum class Event { message, closed, quiet };
  struct Next {
    Event event = Event::quiet;
    std::string text;    ///< of the message, or the reason of the close
    int close_code = 0;  ///< 1006 if the connection broke without a close frame
  };
  /// The next message, the end, or `quiet` if neither came within `wait`.
  Next next(std::chrono::milliseconds wait);

  /// Sends a close frame, waits at most a second for the answer, and closes the connection.
  void close();

 private:
  struct Stream;

  std::unique_ptr<Stream> stream_;  // null: not open
};

}  // namespace danwa::client
