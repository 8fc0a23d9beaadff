#include "adapters/persistence/rows.hpp"

namespace danwa::adapters {
namespace {

using domain::ChannelKey;

/// The name of the visibility; lives as long as the program.
const std::string& name_of(domain::Visibility visibility) {
  static const std::string kOpen{domain::to_string(domain::Visibility::open)};
  static const std::string kPrivate{domain::to_string(domain::Visibility::restricted)};
  return visibility == domain::Visibility::open ? kOpen : kPrivate;
}

template <class Event>
NewUpdate row_of_member(UpdateType type, const Event& event) {
  return {.channel = ChannelKey::conversation(event.company, event.conversation),
          .seq = event.seq,
          .type = type,
          .at = event.occurred_at,
          .subject = event.id,
          .author = event.by,
          .about = &event.user.value()};
}

}  // namespace

NewUpdate row_of(const domain::Comment& added) {
  return {.channel = channel_of(added),
          .seq = added.seq,
          .type = UpdateType::added,
          .at = added.created_at,
          .subject = added.id.value,
          .author = added.author,
          .client_ref = added.client_ref ? &*added.client_ref : nullptr,
          .content = &added.content.value()};
}

NewUpdate row_of(const domain::CommentModified& modified) {
  const domain::Comment& next = modified.comment;
  return {.channel = channel_of(next),
          .seq = modified.seq,
          .type = UpdateType::updated,
          .at = next.updated_at,
          .subject = next.id.value,
          .author = next.author,
          .about = modified.redacts ? &kRedacts : nullptr,
          .content = &next.content.value()};
}

NewUpdate row_of(const domain::CommentRemoved& removed) {
  return {.channel = ChannelKey::conversation(removed.company, removed.conversation),
          .seq = removed.seq,
          .type = UpdateType::deleted,
          .at = removed.occurred_at,
          .subject = removed.id.value,
          .author = removed.author,
          .about = removed.by == removed.author ? nullptr : &removed.by.value()};
}

NewUpdate row_of(const domain::MemberJoined& joined) { return row_of_member(UpdateType::member_joined, joined); }

NewUpdate row_of(const domain::MemberLeft& left) { return row_of_member(UpdateType::member_left, left); }

NewUpdate row_of(const domain::ConversationChanged& changed) {
  const domain::Conversation& next = changed.conversation;
  return {.channel = ChannelKey::conversation(next.company, next.key),
          .seq = changed.seq,
          .type = UpdateType::conversation_updated,
          .at = changed.occurred_at,
          .subject = changed.id,
          .author = changed.by,
          .about = &name_of(next.visibility),
          .content = next.title ? &next.title->value() : nullptr};
}

NewUpdate row_of(const domain::Notification& sent) {
  return {.channel = sent.to,
          .seq = sent.seq,
          .type = UpdateType::notification,
          .at = sent.created_at,
          .subject = sent.id.value,
          .author = sent.sender,
          .content = &sent.text.value()};
}

}  // namespace danwa::adapters
