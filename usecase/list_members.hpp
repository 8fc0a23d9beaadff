#pragma once

#include <optional>
#include <string>

#include "domain/account/credential.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/conversation_repository.hpp"

namespace danwa::usecase {

/// Lists the members of a conversation, by user id. Thread safe.
class ListMembers {
 public:
  static constexpr std::size_t kMaxLimit = 1000;

  explicit ListMembers(ConversationRepository& conversations) : conversations_{conversations} {}

  struct Input {
    std::string conversation_key;
    std::optional<domain::UserId> after;  ///< only users whose id is above it
    std::size_t limit = 100;              ///< 1 to 1,000
  };

  /// Errors: `conversationKey-*`, `limit-out-of-range` (validation), gathered; `not-granted`, `not-a-member`
  /// (forbidden); `unavailable`.
  Async<domain::Result<ConversationRepository::Members>> execute(Input input, domain::Credential who) const;

 private:
  ConversationRepository& conversations_;
};

}  // namespace danwa::usecase
