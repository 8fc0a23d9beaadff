#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string_view>

#include "adapters/http2/frame_guard.hpp"

namespace danwa::infra {

class GuardedConnection;

/// Time limits of a connection and bounds of its buffers.
struct ConnectionLimits {
  std::chrono::milliseconds preface{5'000};        ///< from accept to the end of the client's preface
  std::chrono::milliseconds without_call{30'000};  ///< from accept, or the end of the last call, to GOAWAY
  std::chrono::milliseconds goodbye{2'000};        ///< from GOAWAY to the end of a connection without a call
  std::chrono::milliseconds last_bytes{2'000};     ///< for the client to take the last bytes of an ending connection
  std::size_t discarded = 256 * 1024;              ///< bytes read and dropped after the end
  std::chrono::milliseconds penalty{1'000};        ///< a refused client is held for this long, unread, before the close
  int pair_buffer = 64 * 1024;                     ///< bytes of the kernel between guard and gRPC, each way
  adapters::http2::GuardLimits frames{};
};

/// Limits and callbacks that a guarded connection gets from its owner. Callbacks run on the connection's io thread.
struct GuardContext {
  ConnectionLimits limits;
  /// Passes gRPC its end of a socket pair. False: gRPC takes no further socket, and the caller keeps the descriptor.
  std::function<bool(int)> hand_over;
  std::function<void(GuardedConnection&, std::string_view reason)> on_refusal;  ///< the client broke a rule
  std::function<void(GuardedConnection*)> on_gone;  ///< called by its destructor; its descriptors are closed
};

}  // namespace danwa::infra
