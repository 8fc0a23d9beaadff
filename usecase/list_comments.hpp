#pragma once

#include <optional>
#include <string>

#include "domain/account/credential.hpp"
#include "usecase/conversation_access.hpp"
#include "usecase/ports/comment_repository.hpp"

namespace danwa::usecase {

/// Reads a page of a conversation's comments in their present state; removed ones are left out. Thread safe.
class ListComments {
 public:
  static constexpr std::size_t kMaxLimit = 1000;

  ListComments(CommentRepository& comments, const ConversationAccess& access) : comments_{comments}, access_{access} {}

  /// The page shows everything that was written up to `seen`, and includes its own position. Errors:
  /// `conversationKey-*`, `limit-out-of-range` (validation); `not-granted`, `not-a-member` (forbidden); `unavailable`.
  Async<domain::Result<CommentRepository::Page>> execute(std::string conversation_key, CommentRepository::Range range,
                                                         domain::Credential who,
                                                         std::optional<domain::Position> seen = std::nullopt) const;

 private:
  CommentRepository& comments_;
  const ConversationAccess& access_;
};

}  // namespace danwa::usecase
