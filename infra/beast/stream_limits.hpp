#pragma once

#include <chrono>
#include <cstddef>

namespace danwa::infra {

/// Bounds of a live stream.
struct StreamLimits {
  std::chrono::milliseconds ping_interval{20'000};   ///< between two pings of a client; SSE: a comment line
  std::chrono::milliseconds pong_timeout{60'000};    ///< no byte from the client for that long after a ping: close 4408
  std::chrono::milliseconds stall_timeout{120'000};  ///< the client takes no byte for that long while some wait: closed
  std::chrono::milliseconds write_timeout{30'000};   ///< for a whole last answer, such as a rejected upgrade
  std::chrono::milliseconds expiry_warning{30'000};  ///< time between the warning and the end of a token
  std::chrono::milliseconds close_timeout{2'000};    ///< from our close frame to the close of the socket
  std::size_t max_message = 64 * 1024;               ///< bytes of a client's message; above: close 1009
  int send_buffer = 64 * 1024;                       ///< SO_SNDBUF; 0: the system's default
  int not_sent_low_water = 16 * 1024;                ///< TCP_NOTSENT_LOWAT; 0: the system's default
};

}  // namespace danwa::infra
