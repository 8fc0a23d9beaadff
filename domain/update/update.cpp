#include "domain/update/update.hpp"

#include "domain/core/overloaded.hpp"

namespace danwa::domain {

const CommentId* comment_of(const UpdateBody& body) {
  const Overloaded find{
      [](const CommentAdded& added) { return &added.comment; },
      [](const CommentUpdated& updated) { return &updated.comment; },
      [](const CommentDeleted& deleted) { return &deleted.comment; },
      [](const auto&) -> const CommentId* { return nullptr; },
  };
  return std::visit(find, body);
}

bool holds_text(const UpdateBody& body) {
  if (const auto* added = std::get_if<CommentAdded>(&body)) return added->content.has_value();
  const auto* updated = std::get_if<CommentUpdated>(&body);
  return updated != nullptr && updated->content.has_value();
}

bool takes_text(const UpdateBody& body) {
  const auto* updated = std::get_if<CommentUpdated>(&body);
  return updated != nullptr ? updated->redacts : std::holds_alternative<CommentDeleted>(body);
}

bool may_shut_out(const UpdateBody& body, const UserId& user) {
  if (const auto* removed = std::get_if<MemberRemoved>(&body)) return removed->user == user;
  const auto* updated = std::get_if<ConversationUpdated>(&body);
  return updated != nullptr && updated->visibility == Visibility::restricted;
}

Update without_text(Update update) {
  if (auto* added = std::get_if<CommentAdded>(&update.body)) {
    added->content.reset();
    added->client_ref.reset();
  }
  if (auto* updated = std::get_if<CommentUpdated>(&update.body)) updated->content.reset();
  return update;
}

}  // namespace danwa::domain
