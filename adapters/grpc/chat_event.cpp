#include "adapters/grpc/chat_event.hpp"

#include <nlohmann/json.hpp>
#include <utility>

namespace danwa::adapters::rpc {
namespace {

using nlohmann::json;

/// Takes a text out of `object`; one that is absent or null is empty.
std::string take(json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  return std::move(found->get_ref<std::string&>());
}

std::uint64_t number(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || !found->is_number_unsigned() ? 0 : found->get<std::uint64_t>();
}

void take_comment(json& payload, ChatEvent& event) {
  event.comment_id = take(payload, "commentId");
  event.message = take(payload, "commentContent");
  event.client_ref = take(payload, "clientRef");
  event.redacted = payload.value("redacted", false);
  event.redacts = payload.value("redacts", false);
}

void take_room(json& payload, ChatEvent& event) {
  event.user = take(payload, "userId");
  event.title = take(payload, "title");
  event.visibility = take(payload, "visibility");
  event.node = take(payload, "node");
  event.user_count = number(payload, "count");
  if (const auto users = payload.find("users"); users != payload.end())
    event.users = users->get<decltype(event.users)>();
}

/// `watching` and `reset` tell the position; what else has a seq moves it.
void take_position(json& payload, const Frame& frame, ChatEvent& event, domain::Cursor& position) {
  const bool told = frame.kind() == FrameKind::watching || frame.kind() == FrameKind::reset;
  auto cursor = domain::Cursor::parse(take(payload, "cursor"));
  if (told && cursor) position = std::move(*cursor);
  if (frame.kind() == FrameKind::update || frame.kind() == FrameKind::missed) position.seq = frame.seq();
  if (frame.kind() == FrameKind::ephemeral) return;
  event.seq = position.seq;
  event.epoch = position.epoch.value_or("");
  event.cursor = position.to_string();
}

}  // namespace

ChatEvent to_event(const Frame& frame, domain::Cursor& position) {
  json whole = json::parse(frame.json());
  json& payload = whole["payload"];
  ChatEvent event;
  event.kind = take(whole, "type");
  event.conversation_key = take(payload, "conversationKey");
  event.by = take(payload, "byUserId");
  event.author = payload.contains("authorId") ? take(payload, "authorId") : event.by;
  event.sent_at = take(payload, "occurredAt");
  event.from_seq = number(payload, "fromSeq");
  take_comment(payload, event);
  take_room(payload, event);
  take_position(payload, frame, event, position);
  return event;
}

}  // namespace danwa::adapters::rpc
