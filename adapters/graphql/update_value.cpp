#include "adapters/graphql/update_value.hpp"

#include <chrono>
#include <optional>
#include <utility>
#include <variant>

#include "domain/core/overloaded.hpp"

namespace danwa::adapters::graphql {
namespace {

using nlohmann::json;

template <class Text>
json text_value(const std::optional<Text>& text) {
  return text ? json(text->value()) : json(nullptr);
}

json body_value(const domain::UpdateBody& body) {
  const domain::Overloaded write{
      [](const domain::CommentAdded& added) {
        json out{{"type", "comment-added"},
                 {"commentId", added.comment.to_string()},
                 {"content", text_value(added.content)},
                 {"authorId", added.author.value()}};
        if (added.client_ref) out["clientRef"] = *added.client_ref;
        return out;
      },
      [](const domain::CommentUpdated& updated) {
        json out{{"type", "comment-updated"},
                 {"commentId", updated.comment.to_string()},
                 {"content", text_value(updated.content)},
                 {"authorId", updated.author.value()}};
        if (updated.redacts) out["redacts"] = true;
        return out;
      },
      [](const domain::CommentDeleted& deleted) {
        return json{{"type", "comment-deleted"},
                    {"commentId", deleted.comment.to_string()},
                    {"authorId", deleted.author.value()},
                    {"byUserId", deleted.by.value()}};
      },
      [](const domain::MemberAdded& added) {
        return json{{"type", "member-joined"}, {"userId", added.user.value()}, {"byUserId", added.by.value()}};
      },
      [](const domain::MemberRemoved& removed) {
        return json{{"type", "member-left"}, {"userId", removed.user.value()}, {"byUserId", removed.by.value()}};
      },
      [](const domain::ConversationUpdated& updated) {
        return json{{"type", "conversation-updated"},
                    {"visibility", to_string(updated.visibility)},
                    {"title", text_value(updated.title)},
                    {"byUserId", updated.by.value()}};
      },
      [](const domain::NotificationAdded&) {
        return json{{"type", "notification"}};
      },  // no conversation has one
  };
  return std::visit(write, body);
}

json content_value(const domain::Update& update) {
  json out = body_value(update.body);
  out["seq"] = update.seq;
  out["occurredAt"] = domain::to_rfc3339(update.occurred_at);
  return out;
}

json content_value(const Watching& watching) { return {{"type", "watching"}, {"node", watching.node}}; }

json content_value(const UpdatesMissed& missed) {
  return {{"type", "updates-missed"}, {"fromSeq", missed.from}, {"toSeq", missed.to}};
}

json content_value(const Reset&) { return {{"type", "reset"}}; }

json content_value(const PresenceChanged& present) {
  json users = json::array();
  for (const auto& user : present.users) users.push_back(user.value());
  return {{"type", "presence-changed"}, {"count", present.count}, {"users", std::move(users)}};
}

}  // namespace

json update_value(const FrameContent& content, const domain::Cursor& cursor) {
  const auto write = [](const auto& what) {
    json out = content_value(what);
    out["conversationKey"] = what.channel.key;
    return out;
  };
  json out = std::visit(write, content);
  out["cursor"] = cursor.to_string();
  return out;
}

json notification_value(const domain::ChannelKey& channel, const domain::NotificationAdded& added, domain::Seq seq,
                        domain::Timestamp at, const domain::MergedCursor& cursor) {
  return {{"id", added.id.to_string()},
          {"text", added.text.value()},
          {"timestamp", std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count()},
          {"sender", added.sender.value()},
          {"channel", channel.local_name()},
          {"seq", seq},
          {"cursor", cursor.to_string()},
          {"occurredAt", domain::to_rfc3339(at)}};
}

}  // namespace danwa::adapters::graphql
