#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "infra/client/socket.hpp"
#include "infra/client/websocket_wire.hpp"

namespace danwa::infra {

/// A watcher's connection: reads text messages, answers pings by itself. Not thread safe.
class WebSocketClient {
 public:
  /// Refused with an HTTP status instead of 101.
  struct Refused {
    int status = 0;
    std::string body;
  };

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

  /// Sends a close frame and lets go.
  void close();

 private:
  Next on_frame(const ServerFrame& frame);

  Socket socket_;
  std::string buffer_;
};

}  // namespace danwa::infra
