#include "domain/comment/comment_factory.hpp"

#include "domain/core/bounded_text.hpp"
#include "domain/core/utf8.hpp"

namespace danwa::domain {
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
