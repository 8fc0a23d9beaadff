#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace danwa::grpc_client {

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
  struct Request {
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

  explicit ChatChannel(const Request& wanted);
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

/// A load on the gRPC endpoint.
struct ChatLoadOptions {
  std::vector<std::string> addresses;  ///< host:port of each node's gRPC endpoint
  std::size_t posters = 8;
  std::size_t watchers = 0;
  std::size_t conversations = 1;
  std::uint64_t posts = 0;  ///< ends after this many; 0: after `seconds`
  double seconds = 0;       ///< used if `posts` is 0
  std::size_t text_size = 100;
  double settle_seconds = 10;  ///< time for the watchers to catch up at the end
  std::string prefix;          ///< of conversation keys
  std::function<std::string(const std::string& user)> token_for;
};

struct ChatLoadResult {
  double seconds = 0;  ///< of posting
  std::uint64_t acknowledged = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t lost = 0;      ///< updates that a watcher did not see in time
  std::uint64_t disorder = 0;  ///< updates that were not the next one: repeated, reordered, skipped
  std::uint64_t failures = 0;  ///< failed calls
  std::string first_failure;
};

/// Runs a load: streams that watch (WatchUpdates) and callers that post (SendComment). Each watcher checks that it
/// receives 1, 2, 3 ... of its conversation. Calls `on_watching` before the first post, when all watch. Returns nullopt
/// if not all of them watch within 20 s.
std::optional<ChatLoadResult> run_chat_load(const ChatLoadOptions& options, const std::function<void()>& on_watching);

}  // namespace danwa::grpc_client
