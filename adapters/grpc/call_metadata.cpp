#include "adapters/grpc/call_metadata.hpp"

#include <algorithm>

#include "adapters/http/bearer.hpp"

namespace danwa::adapters::rpc {

/// The value of `name`, of several the first; empty when there is none.
std::string CallMetadata::find(std::string_view name) const {
  const auto found =
      std::find_if(entries_.begin(), entries_.end(), [name](const auto& entry) { return entry.first == name; });
  return found == entries_.end() ? std::string{} : found->second;
}

std::string CallMetadata::conversation() const {
  auto key = find("conversation-key-bin");
  if (key.empty()) key = find("conversation-key");
  return key.empty() ? std::string{kDefaultConversation} : key;
}

domain::Result<std::optional<std::string>> CallMetadata::bearer_token() const {
  http::Request request;
  for (const auto& [name, value] : entries_) {
    if (name == "authorization") request.headers.emplace_back(name, value);
  }
  return http::bearer_token(request);
}

WatchWish CallMetadata::complete(WatchWish wish) const {
  if (wish.conversation_key.empty()) wish.conversation_key = conversation();
  fill(wish.after, "after");
  fill(wish.delivery, "delivery");
  fill(wish.heartbeat, "danwa-heartbeat");
  return wish;
}

CommentWish CallMetadata::complete(CommentWish wish) const {
  if (wish.conversation_key.empty()) wish.conversation_key = conversation();
  fill(wish.idempotency_key, "idempotency-key");
  return wish;
}

PageWish CallMetadata::complete(PageWish wish) const {
  if (wish.conversation_key.empty()) wish.conversation_key = conversation();
  fill(wish.after, "after");
  return wish;
}

}  // namespace danwa::adapters::rpc
