#include "domain/update/event.hpp"

namespace danwa::domain {
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
