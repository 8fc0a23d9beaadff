#pragma once

#include "domain/comment/comment.hpp"

namespace danwa::domain {

/// A comment was saved for the first time; `comment.seq` is its number in the log.
struct CommentSent {
  Comment comment;
};

/// A comment has a new content; `seq` is the number of this change.
struct CommentModified {
  Comment comment;
  Seq seq;
};

/// A comment was removed; `seq` is the number of this change.
struct CommentRemoved {
  CommentId id;
  CompanyId company;
  ConversationKey conversation;
  UserId author;
  Seq seq;
  Timestamp occurred_at;
};

}  // namespace danwa::domain
