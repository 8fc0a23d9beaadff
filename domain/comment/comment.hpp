#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "domain/account/ids.hpp"
#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/comment/comment_content.hpp"
#include "domain/core/conversation_key.hpp"
#include "domain/core/time.hpp"
#include "domain/core/uuid.hpp"

namespace danwa::domain {

/// Names a comment over all companies (UUIDv7).
struct CommentId {
  Uuid value;
  std::string to_string() const { return value.to_string(); }
  friend auto operator<=>(const CommentId&, const CommentId&) = default;
};

/// A comment in its present state. `version` grows by one with each edit, from 1.
struct Comment {
  CommentId id;
  CompanyId company;
  ConversationKey conversation;
  UserId author;
  CommentContent content;
  std::optional<std::string> client_ref;
  Seq seq = 0;  ///< number of its `comment-added` update; 0 until it was saved
  std::uint64_t version = 1;
  Timestamp created_at;
  Timestamp updated_at;

  /// This comment with another content, if `editor` may and `expected_version` (of `If-Match`), when
  /// given, is the present one. With `redact` its `client_ref` goes, too. Errors: `not-the-author` (forbidden),
  /// `version-mismatch` (precondition_failed).
  Result<Comment> edited(const UserId& editor, CommentContent content, std::optional<std::uint64_t> expected_version,
                         Timestamp now, bool redact = false) const;

  /// Whether `remover` may remove it: its author, and whoever moderates its conversation. Errors as for `edited`.
  Result<void> removable(const UserId& remover, std::optional<std::uint64_t> expected_version,
                         bool moderates = false) const;
};

/// The channel in whose log the comment stands.
inline ChannelKey channel_of(const Comment& comment) {
  return ChannelKey::conversation(comment.company, comment.conversation);
}

}  // namespace danwa::domain
