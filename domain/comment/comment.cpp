#include "domain/comment/comment.hpp"

#include "domain/core/text.hpp"

namespace danwa::domain {

Result<CommentContent> CommentContent::parse(std::string text, std::size_t max) {
  return parse_text(std::move(text), TextRules{"content", max, true}).map([](std::string ok) {
    return CommentContent{std::move(ok)};
  });
}

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

namespace {

Result<std::optional<std::string>> parse_client_ref(std::optional<std::string> text) {
  if (!text) return std::optional<std::string>{};
  return parse_text(std::move(*text), TextRules{"clientRef", CommentFactory::kMaxClientRef, false})
      .map([](std::string ok) { return std::optional<std::string>{std::move(ok)}; });
}

}  // namespace

Result<Comment> CommentFactory::create(Draft draft, CommentId id, CompanyId company, UserId author,
                                       Timestamp now) const {
  auto parsed =
      combine(parse_content(std::move(draft.content)), ConversationKey::parse(std::move(draft.conversation_key)),
              parse_client_ref(std::move(draft.client_ref)));
  if (!parsed) return fail(std::move(parsed).error());
  auto& [content, conversation, client_ref] = *parsed;
  return Comment{.id = id,
                 .company = std::move(company),
                 .conversation = std::move(conversation),
                 .author = std::move(author),
                 .content = std::move(content),
                 .client_ref = std::move(client_ref),
                 .created_at = now,
                 .updated_at = now};
}

bool CommentFactory::exceeds_limit(const std::string& content) const {
  return content.size() > max_content_ && count_code_points(content).value_or(0) > max_content_;
}

}  // namespace danwa::domain
