#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>

#include "adapters/grpc/chat_door.hpp"
#include "adapters/log/logger.hpp"
#include "infra/grpc/chat_codec.hpp"
#include "infra/grpc/stream_registry.hpp"

namespace danwa::infra {

struct ChatLimits {
  std::chrono::milliseconds expiry_warning{30'000};  ///< from the warning to the end of the token
  std::chrono::milliseconds close_timeout{2'000};    ///< a stream that ends is cancelled after this time
  std::chrono::milliseconds shut_out_within{500};    ///< the same if its right was revoked
};

/// The objects that all streams of a server share. It must outlive them.
struct StreamContext {
  const adapters::rpc::ChatDoor& door;
  adapters::Logger& log;
  StreamRegistry& streams;
  ChatCodec& codec;
  ChatLimits limits{};
  std::atomic<std::size_t> running{0};  ///< tasks, and streams before `on_done`; the io threads outlive them
};

}  // namespace danwa::infra
