#pragma once

#include <cstdint>
#include <string>

namespace danwa::adapters::rpc {

// The requests of chat.proto as a client says them; empty fields count as absent.

/// One message of a Chat stream.
struct ChatWish {
  std::string message;
  std::string conversation_key;
  std::string after;
  std::string client_ref;
  std::string idempotency_key;
};

/// What a stream watches.
struct WatchWish {
  std::string conversation_key;
  std::string after;
  std::string delivery;
  std::string heartbeat{};  ///< seconds, as text
};

/// A comment to be saved.
struct CommentWish {
  std::string message;
  std::string conversation_key;
  std::string client_ref;
  std::string idempotency_key;
};

/// A page of a log.
struct PageWish {
  std::string conversation_key;
  std::string after;
  std::uint32_t limit = 0;
};

}  // namespace danwa::adapters::rpc
