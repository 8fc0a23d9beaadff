#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "infra/client/endpoint.hpp"

namespace danwa::infra {

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

  /// Connects and upgrades. Nothing when all went well. Throws NetworkError.
  std::optional<Refused> open(const Endpoint& node, std::string_view target, std::string_view token,
                              std::chrono::milliseconds timeout = std::chrono::seconds{10});

  enum class Event { message, closed, quiet };
  struct Next {
    Event event = Event::quiet;
    std::string text;    ///< of the message, or the reason of the close
    int close_code = 0;  ///< 1006 when the connection broke without a close frame
  };
  /// The next message, the end, or `quiet` when neither came within `wait`.
  Next next(std::chrono::milliseconds wait);

  /// Says good-bye, waits at most a second for the answer, and lets go.
  void close();

 private:
  struct Stream;

  std::unique_ptr<Stream> stream_;  // null: not open
};

}  // namespace danwa::infra
