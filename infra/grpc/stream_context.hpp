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
  std::chrono::milliseconds expiry_warning{30'000};  ///< a token that ends within that time is announced
  std::chrono::milliseconds close_timeout{2'000};    ///< from the wish to end a stream to its end
  std::chrono::milliseconds shut_out_within{500};    ///< the same for a right that has ended
};

/// What every stream of a server shares; outlives all of them.
struct StreamContext {
  const adapters::rpc::ChatDoor& door;
  adapters::Logger& log;
  StreamRegistry& streams;
  ChatCodec& codec;
  ChatLimits limits{};
  std::atomic<std::size_t> running{0};  ///< streams that gRPC is not done with, and tasks; the lanes outlive them
};

}  // namespace danwa::infra
