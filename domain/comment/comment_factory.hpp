#pragma once

#include <optional>
#include <string>

#include "domain/comment/comment.hpp"

namespace danwa::domain {

/// Makes new comments from what a client said. All failures are returned together.
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

  /// Whether the text is longer than this node allows, if perhaps not longer than others do. False for text that is
  /// no UTF-8.
  bool exceeds_limit(const std::string& content) const;

  /// One that allows what any node may allow.
  static CommentFactory of_any_node() { return CommentFactory{CommentContent::kMost}; }

  Result<CommentContent> parse_content(std::string text) const {
    return CommentContent::parse(std::move(text), max_content_);
  }

 private:
  std::size_t max_content_;
};

}  // namespace danwa::domain
