#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace danwa::infra {

/// What a load on the gRPC door does.
struct ChatLoadOptions {
  std::vector<std::string> addresses;  ///< host:port of each node's gRPC door
  std::size_t posters = 8;
  std::size_t watchers = 0;
  std::size_t conversations = 1;
  std::uint64_t posts = 0;  ///< 0: by time
  double seconds = 0;       ///< 0: by number
  std::size_t text_size = 100;
  double settle_seconds = 10;  ///< how long watchers may take to catch up at the end
  std::string prefix;          ///< of conversation keys
  std::function<std::string(const std::string& user)> token_for;
};

struct ChatLoadResult {
  double seconds = 0;  ///< of posting
  std::uint64_t acknowledged = 0;
  std::uint64_t deliveries = 0;
  std::uint64_t lost = 0;      ///< updates that a watcher did not see in time
  std::uint64_t disorder = 0;  ///< updates that were not the next one: doubled, swapped, skipped
  std::uint64_t failures = 0;  ///< calls that did not succeed
  std::string first_failure;
};

/// A load of streams that watch (WatchUpdates) and callers that post (SendComment), each watcher checking that it
/// sees 1, 2, 3 ... of its conversation.
class ChatLoad {
 public:
  explicit ChatLoad(ChatLoadOptions options);
  ~ChatLoad();
  ChatLoad(const ChatLoad&) = delete;
  ChatLoad& operator=(const ChatLoad&) = delete;

  /// False: not all watch within 20 s.
  bool connect();
  ChatLoadResult post_and_settle();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace danwa::infra
