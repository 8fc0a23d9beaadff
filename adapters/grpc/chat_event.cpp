#include "adapters/grpc/chat_event.hpp"

#include <utility>
#include <variant>

#include "domain/core/overloaded.hpp"

namespace danwa::adapters::rpc {
namespace {

template <class Text>
std::string text_or_empty(const std::optional<Text>& text) {
  return text ? text->value() : std::string{};
}

// What an update says of itself.

void tell(const domain::CommentAdded& added, ChatEvent& event) {
  event.kind = "comment-added";
  event.comment_id = added.comment.to_string();
  event.message = text_or_empty(added.content);
  event.redacted = !added.content;
  event.author = added.author.value();
  event.client_ref = added.client_ref.value_or("");
}

void tell(const domain::CommentUpdated& updated, ChatEvent& event) {
  event.kind = "comment-updated";
  event.comment_id = updated.comment.to_string();
  event.message = text_or_empty(updated.content);
  event.redacted = !updated.content;
  event.redacts = updated.redacts;
  event.author = updated.author.value();
}

void tell(const domain::CommentDeleted& deleted, ChatEvent& event) {
  event.kind = "comment-deleted";
  event.comment_id = deleted.comment.to_string();
  event.author = deleted.author.value();
  event.by = deleted.by.value();
}

void tell(const domain::MemberAdded& added, ChatEvent& event) {
  event.kind = "member-joined";
  event.user = added.user.value();
  event.author = event.by = added.by.value();
}

void tell(const domain::MemberRemoved& removed, ChatEvent& event) {
  event.kind = "member-left";
  event.user = removed.user.value();
  event.author = event.by = removed.by.value();
}

void tell(const domain::ConversationUpdated& updated, ChatEvent& event) {
  event.kind = "conversation-updated";
  event.title = text_or_empty(updated.title);
  event.visibility = to_string(updated.visibility);
  event.author = event.by = updated.by.value();
}

void tell(const domain::NotificationAdded&, ChatEvent& event) { event.kind = "notification"; }  // no stream watches one

void tell_position(const domain::Cursor& position, ChatEvent& event) {
  event.seq = position.seq;
  event.epoch = position.epoch.value_or("");
  event.cursor = position.to_string();
}

/// `watching` and `reset` say where the stream is.
void tell_position(const WatchPosition& told, domain::Cursor& position, ChatEvent& event) {
  if (const auto* const cursor = std::get_if<domain::Cursor>(&told)) position = *cursor;
  tell_position(position, event);
}

}  // namespace

ChatEvent to_event(const FrameContent& content, domain::Cursor& position) {
  ChatEvent event;
  const domain::Overloaded write{
      [&](const domain::Update& update) {
        std::visit([&event](const auto& body) { tell(body, event); }, update.body);
        event.sent_at = domain::to_rfc3339(update.occurred_at);
        position.seq = update.seq;
        tell_position(position, event);
      },
      [&](const Watching& watching) {
        event.kind = "watching";
        event.node = watching.node;
        tell_position(watching.position, position, event);
      },
      [&](const UpdatesMissed& missed) {
        event.kind = "updates-missed";
        event.from_seq = missed.from;
        position.seq = missed.to;
        tell_position(position, event);
      },
      [&](const Reset& reset) {
        event.kind = "reset";
        tell_position(reset.position, position, event);
      },
      [&](const PresenceChanged& present) {
        event.kind = "presence-changed";
        event.user_count = present.count;
        for (const auto& user : present.users) event.users.push_back(user.value());
      },
  };
  std::visit(write, content);
  event.conversation_key = std::visit([](const auto& what) { return what.channel.key; }, content);
  return event;
}

}  // namespace danwa::adapters::rpc
