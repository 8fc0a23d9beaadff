#include "domain/update/update.hpp"

#include "domain/core/result.hpp"

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

bool may_revoke(const UpdateBody& body, const UserId& user) {
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

namespace {

Update update_of(const CommentSent& sent) {
  const Comment& c = sent.comment;
  return Update{channel_of(c), c.seq, c.created_at, CommentAdded{c.id, c.author, c.content, c.client_ref}};
}

Update update_of(const CommentModified& modified) {
  const Comment& c = modified.comment;
  return Update{channel_of(c), modified.seq, c.updated_at, CommentUpdated{c.id, c.author, c.content, modified.redacts}};
}

Update update_of(const CommentRemoved& removed) {
  return Update{ChannelKey::conversation(removed.company, removed.conversation), removed.seq, removed.occurred_at,
                CommentDeleted{removed.id, removed.author, removed.by}};
}

Update update_of(const MemberJoined& joined) {
  return Update{ChannelKey::conversation(joined.company, joined.conversation), joined.seq, joined.occurred_at,
                MemberAdded{joined.id, joined.user, joined.by}};
}

Update update_of(const MemberLeft& left) {
  return Update{ChannelKey::conversation(left.company, left.conversation), left.seq, left.occurred_at,
                MemberRemoved{left.id, left.user, left.by}};
}

Update update_of(const ConversationChanged& changed) {
  const Conversation& c = changed.conversation;
  return Update{ChannelKey::conversation(c.company, c.key), changed.seq, changed.occurred_at,
                ConversationUpdated{changed.id, c.title, c.visibility, changed.by}};
}

Update update_of(const NotificationSent& sent) {
  const Notification& n = sent.notification;
  return Update{n.to, n.seq, n.created_at, NotificationAdded{n.id, n.sender, n.text}};
}

}  // namespace

Update to_update(const DomainEvent& event) {
  return std::visit([](const auto& happened) { return update_of(happened); }, event);
}

}  // namespace danwa::domain
