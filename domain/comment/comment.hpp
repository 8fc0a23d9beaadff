#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "domain/account/ids.hpp"
#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/core/keys.hpp"
#include "domain/core/result.hpp"
#include "domain/core/time.hpp"
#include "domain/core/uuid.hpp"

namespace danwa::domain {

/// The text of a comment: 1 to `max` code points of UTF-8, no NUL.
class CommentContent {
 public:
  static constexpr std::size_t kDefaultMax = 4000;  ///< code points
  static constexpr std::size_t kMost = 10'000;      ///< code points that any node may allow

  static Result<CommentContent> parse(std::string text, std::size_t max = kDefaultMax);
  static CommentContent trusted(std::string text) { return CommentContent{std::move(text)}; }

  const std::string& value() const { return value_; }

  friend auto operator<=>(const CommentContent&, const CommentContent&) = default;

 private:
  explicit CommentContent(std::string value) : value_{std::move(value)} {}
  std::string value_;
};

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
  Seq seq = 0;  ///< number of its `comment-added` update; 0 until it is saved
  std::uint64_t version = 1;
  Timestamp created_at;
  Timestamp updated_at;

  /// This comment with another content, if `editor` may edit it and `expected_version` (of `If-Match`), if given, is
  /// the present one. `redact` removes its `client_ref`, too. Errors: `not-the-author` (forbidden), `version-mismatch`
  /// (precondition_failed).
  Result<Comment> edited(const UserId& editor, CommentContent content, std::optional<std::uint64_t> expected_version,
                         Timestamp now, bool redact = false) const;

  /// Whether `remover` may remove it: its author and the moderators of its conversation may. Errors as for `edited`.
  Result<void> removable(const UserId& remover, std::optional<std::uint64_t> expected_version,
                         bool moderates = false) const;
};

/// The channel of the comment's conversation.
inline ChannelKey channel_of(const Comment& comment) {
  return ChannelKey::conversation(comment.company, comment.conversation);
}

/// A comment was saved for the first time; `comment.seq` is its number in the log.
struct CommentSent {
  Comment comment;
};

/// A comment has a new content; `seq` is the number of this change.
struct CommentModified {
  Comment comment;
  Seq seq;
  bool redacts = false;  ///< the earlier texts are gone
};

/// A comment was removed; `seq` is the number of this change.
struct CommentRemoved {
  CommentId id;
  CompanyId company;
  ConversationKey conversation;
  UserId author;
  UserId by;  ///< the author or a moderator, who removed it
  Seq seq;
  Timestamp occurred_at;
};

/// Makes new comments from the input of a client. All errors are returned together.
class CommentFactory {
 public:
  static constexpr std::size_t kMaxClientRef = 64;  ///< code points

  explicit CommentFactory(std::size_t max_content = CommentContent::kDefaultMax) : max_content_{max_content} {}

  struct Draft {
    std::string content;
    std::string conversation_key;
    std::optional<std::string> client_ref;
  };

  /// Errors (kind validation): `content-*`, `conversationKey-*`, `clientRef-*`.
  Result<Comment> create(Draft draft, CommentId id, CompanyId company, UserId author, Timestamp now) const;

  /// Whether the text is longer than this node allows. Another node may allow more. False for text that is not UTF-8.
  bool exceeds_limit(const std::string& content) const;

  /// A factory with the largest limit that a node can have.
  static CommentFactory of_any_node() { return CommentFactory{CommentContent::kMost}; }

  Result<CommentContent> parse_content(std::string text) const {
    return CommentContent::parse(std::move(text), max_content_);
  }

 private:
  std::size_t max_content_;
};

}  // namespace danwa::domain
