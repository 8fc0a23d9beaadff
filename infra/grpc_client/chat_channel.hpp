#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace danwa::infra {

/// The fields of a stream's message that the tool shows to a person.
struct ChatMessage {
  std::string kind;
  std::string text;
  std::string author;
  std::string conversation;
  std::string sent_at;
  std::string cursor;
  std::string client_ref;
  std::string node;
  std::uint64_t seq = 0;
  std::vector<std::string> errors;  ///< `<code>: <sentence>` for each
};

/// A blocking client of one Chat stream. One thread calls `next` and then `end`, one thread at a time calls `send`, and
/// any thread may call `cancel`.
class ChatChannel {
 public:
  struct Wish {
    std::string address;  ///< host:port
    std::string token;    ///< empty: none
    std::string conversation;
    std::string after;  ///< a cursor or a seq; empty: from now
  };
  struct End {
    int status = 0;  ///< of gRPC
    std::string text;
    bool worth_trying = false;  ///< the same request may succeed later, or on another node
  };

  explicit ChatChannel(const Wish& wish);
  ~ChatChannel();  // cancels
  ChatChannel(const ChatChannel&) = delete;
  ChatChannel& operator=(const ChatChannel&) = delete;

  /// False: the stream has ended. The comment or the error carries `ref` back. It is also the idempotency key, so a
  /// retry is safe.
  bool send(const std::string& text, const std::string& ref);
  std::optional<ChatMessage> next();  ///< nullopt: the stream has ended
  End end();
  void cancel();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace danwa::infra
