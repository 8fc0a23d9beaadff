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
  bool redacts = false;  ///< the texts that it had before are gone
};

/// A comment was removed; `seq` is the number of this change.
struct CommentRemoved {
  CommentId id;
  CompanyId company;
  ConversationKey conversation;
  UserId author;
  UserId by;  ///< who removed it: the author or a moderator
  Seq seq;
  Timestamp occurred_at;
};

}  // namespace danwa::domain
