#pragma once

#include "domain/account/credential.hpp"
#include "usecase/conversation_access.hpp"
#include "usecase/ports/comment_repository.hpp"

namespace danwa::usecase {

/// Reads one comment in its present state. Thread safe.
class GetComment {
 public:
  GetComment(CommentRepository& comments, const ConversationAccess& access) : comments_{comments}, access_{access} {}

  /// Errors: `not-found`, also for a comment of another company and if the grants do not allow reading; `not-a-member`
  /// (forbidden); `unavailable`.
  Async<domain::Result<domain::Comment>> execute(domain::CommentId id, domain::Credential who) const;

 private:
  CommentRepository& comments_;
  const ConversationAccess& access_;
};

}  // namespace danwa::usecase
