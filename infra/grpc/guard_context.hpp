#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string_view>

#include "adapters/http2/frame_guard.hpp"

namespace danwa::infra {

class GuardedConnection;

/// How long a client may keep a connection without using it, and what a connection may buffer.
struct ConnectionLimits {
  std::chrono::milliseconds preface{5'000};        ///< from accept to the end of the client's preface
  std::chrono::milliseconds without_call{30'000};  ///< from accept, or the end of the last call, to GOAWAY
  std::chrono::milliseconds goodbye{2'000};        ///< from GOAWAY to the end of a connection without a call
  std::chrono::milliseconds last_bytes{2'000};     ///< for a client to take what is left when its connection ends
  std::size_t discarded = 256 * 1024;              ///< bytes read from a client after the end
  std::chrono::milliseconds penalty{1'000};  ///< a refused client is held that long, unread, before it may reconnect
  int pair_buffer = 64 * 1024;               ///< bytes of the kernel between guard and gRPC, each way
  adapters::http2::GuardLimits frames{};
};

/// What a guarded connection tells its owner. All calls come from the connection's lane.
struct GuardContext {
  ConnectionLimits limits;
  /// Gives gRPC its end of a pair of sockets. False: gRPC takes none any more, and the descriptor stays the caller's.
  std::function<bool(int)> hand_over;
  std::function<void(GuardedConnection&, std::string_view reason)> on_refusal;  ///< the client broke a rule
  std::function<void(GuardedConnection*)> on_gone;  ///< from its destructor: the descriptors are closed
};

}  // namespace danwa::infra
