#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/grpc/wishes.hpp"
#include "domain/core/result.hpp"

namespace danwa::adapters::rpc {

/// Where a call is that names no conversation.
inline constexpr std::string_view kDefaultConversation = "lobby";

/// The metadata that a client sent with its call: names in lower case, values of `-bin` names decoded. It fills in
/// what a request leaves out.
class CallMetadata {
 public:
  explicit CallMetadata(std::vector<std::pair<std::string, std::string>> entries) : entries_{std::move(entries)} {}

  /// The token of `authorization: Bearer`, by the rules of the HTTP door. Errors: `token-invalid`.
  domain::Result<std::optional<std::string>> bearer_token() const;

  const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }

  WatchWish complete(WatchWish wish) const;      ///< conversation, `after`, `delivery`, `danwa-heartbeat`
  CommentWish complete(CommentWish wish) const;  ///< conversation, `idempotency-key`
  PageWish complete(PageWish wish) const;        ///< conversation, `after`

 private:
  std::string find(std::string_view name) const;
  std::string conversation() const;
  void fill(std::string& field, std::string_view name) const {
    if (field.empty()) field = find(name);
  }

  std::vector<std::pair<std::string, std::string>> entries_;
};

}  // namespace danwa::adapters::rpc
