#include "domain/comment/comment.hpp"

namespace danwa::domain {

Result<void> Comment::removable(const UserId& remover, std::optional<std::uint64_t> expected_version,
                                bool moderates) const {
  if (remover != author && !moderates) {
    return fail(forbidden("not-the-author", "comment", "Only the author may change a comment."));
  }
  if (expected_version && *expected_version != version) {
    return fail(DomainError{ErrorKind::precondition_failed, "version-mismatch", "comment",
                            "The comment has version " + std::to_string(version) + " now."});
  }
  return {};
}

Result<Comment> Comment::edited(const UserId& editor, CommentContent new_content,
                                std::optional<std::uint64_t> expected_version, Timestamp now, bool redact) const {
  if (auto allowed = removable(editor, expected_version); !allowed) return fail(std::move(allowed).error());
  Comment next = *this;
  next.content = std::move(new_content);
  if (redact) next.client_ref.reset();
  next.version = version + 1;
  next.updated_at = now;
  return next;
}

}  // namespace danwa::domain
