#pragma once

#include <chrono>
#include <cstddef>

namespace danwa::infra {

/// Bounds of a live stream.
struct StreamLimits {
  std::chrono::milliseconds ping_interval{20'000};   ///< every client is pinged that often; SSE: a comment line
  std::chrono::milliseconds pong_timeout{60'000};    ///< not a byte from it for that long after a ping: close 4408
  std::chrono::milliseconds stall_timeout{120'000};  ///< it takes not a byte of what waits for that long: closed
  std::chrono::milliseconds write_timeout{30'000};   ///< for a whole last answer, e.g. a refused upgrade
  std::chrono::milliseconds expiry_warning{30'000};  ///< a token that ends within that time is announced
  std::chrono::milliseconds close_timeout{2'000};    ///< from our close frame to the end of the socket
  std::size_t max_message = 64 * 1024;               ///< bytes of a client's message: close 1009
  int send_buffer = 64 * 1024;                       ///< SO_SNDBUF; 0: the system's own
  int not_sent_low_water = 16 * 1024;                ///< TCP_NOTSENT_LOWAT; 0: the system's own
};

}  // namespace danwa::infra
