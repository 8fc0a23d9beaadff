#include "adapters/graphql/ws_event.hpp"

#include <chrono>
#include <utility>

#include "domain/core/result.hpp"

namespace danwa::adapters::graphql {

// From a frame to the answer of a subscription, in two steps: the frame becomes the whole value of the schema
// (update_value), then only the selected fields are kept (project). A thousand watchers of a page have the same
// selection, so an answer is kept under its frame and the fingerprint of the selection. Only updates with a known epoch
// are shared: their cursor, which is a part of the answer, is the same for everybody. A redacted frame is another
// object, so a kept answer never shows a text that was removed.

namespace {

using nlohmann::json;

template <class Text>
json text_value(const std::optional<Text>& text) {
  return text ? json(text->value()) : json(nullptr);
}

// NOLINTNEXTLINE(readability-function-size): one short entry for each kind of update
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

json content_value(const delivery::Watching& watching) { return {{"type", "watching"}, {"node", watching.node}}; }

json content_value(const delivery::UpdatesMissed& missed) {
  return {{"type", "updates-missed"}, {"fromSeq", missed.from}, {"toSeq", missed.to}};
}

json content_value(const delivery::Reset&) { return {{"type", "reset"}}; }

json content_value(const delivery::PresenceChanged& present) {
  json users = json::array();
  for (const auto& user : present.users) users.push_back(user.value());
  return {{"type", "presence-changed"}, {"count", present.count}, {"users", std::move(users)}};
}

}  // namespace

json update_value(const delivery::FrameContent& content, const domain::Cursor& cursor) {
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

namespace {

using Text = std::shared_ptr<const std::string>;

}  // namespace

Outcome<Text> EventWriter::write(const delivery::FramePtr& frame) {
  if (subscription_.field == "onNotificationReceived") return write_notification(*frame);
  return write_update(frame);
}

Outcome<Text> EventWriter::write_update(const delivery::FramePtr& frame) {
  take_position(*frame);
  const bool shared = frame->kind() == delivery::FrameKind::update && position_.epoch;
  if (shared) {
    if (auto known = cache_.find(frame, subscription_.fingerprint)) return known;
  }
  auto text = render(update_value(frame->content(), position_));
  if (shared) cache_.keep(frame, subscription_.fingerprint, text);
  return text;
}

/// Moves the position: `watching` and `reset` contain it, updates and missed ranges have a seq.
void EventWriter::take_position(const delivery::Frame& frame) {
  const domain::Overloaded move{
      [this](const domain::Update& update) { position_.seq = update.seq; },
      [this](const delivery::UpdatesMissed& missed) { position_.seq = missed.to; },
      [](const delivery::PresenceChanged&) {},
      [this](const auto& place) {
        if (const auto* const cursor = std::get_if<domain::Cursor>(&place.position)) position_ = *cursor;
      },
  };
  std::visit(move, frame.content());
}

Outcome<Text> EventWriter::write_notification(const delivery::Frame& frame) {
  if (frame.kind() == delivery::FrameKind::reset) {
    return graphql::refuse(
        {"`after` does not belong to this log: read the notifications, then subscribe anew.", "reset", "after"});
  }
  if (const auto* const watching = std::get_if<delivery::Watching>(&frame.content())) {
    if (const auto* const merged = std::get_if<delivery::MergedPosition>(&watching->position))
      inboxes_ = merged->cursor;
  }
  const auto* const update = frame.update();
  const auto* const added = update ? std::get_if<domain::NotificationAdded>(&update->body) : nullptr;
  if (added == nullptr) return Text{};
  inboxes_.seqs.insert_or_assign(update->channel.local_name(), update->seq);
  return render(notification_value(update->channel, *added, update->seq, update->occurred_at, inboxes_));
}

Text EventWriter::render(const json& event) const {
  return std::make_shared<const std::string>(project(subscription_, event).dump());
}

}  // namespace danwa::adapters::graphql
