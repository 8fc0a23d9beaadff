#include "adapters/graphql/ws_event.hpp"

#include <utility>

namespace danwa::adapters::graphql {
namespace {

using nlohmann::json;
using Text = std::shared_ptr<const std::string>;

void rename(json& object, const char* from, const char* to) {
  const auto found = object.find(from);
  if (found == object.end()) return;
  json value = std::move(*found);
  object.erase(found);
  object[to] = std::move(value);
}

/// `{type, payload}` as one flat object.
json flatten(json frame) {
  json event = std::move(frame["payload"]);
  event["type"] = std::move(frame["type"]);
  return event;
}

GraphqlError log_replaced() {
  return {.message = "`after` does not belong to this log: read the notifications, then subscribe anew.",
          .locations = {},
          .path = {},
          .code = "reset",
          .resource = "after"};
}

}  // namespace

Outcome<Text> EventWriter::write(const FramePtr& frame) {
  if (subscription_.field == "onNotificationReceived") return write_notification(*frame);
  return write_update(frame);
}

Outcome<Text> EventWriter::write_update(const FramePtr& frame) {
  const bool shared = frame->kind() == FrameKind::update && position_.epoch;
  if (shared) {
    position_.seq = frame->seq();
    if (auto known = cache_.find(frame, subscription_.fingerprint)) return known;
  }
  json event = flatten(json::parse(frame->json()));
  take_position(*frame, event);
  rename(event, "commentContent", "content");
  event["cursor"] = position_.to_string();
  auto text = render(event);
  if (shared) cache_.keep(frame, subscription_.fingerprint, text);
  return text;
}

void EventWriter::take_position(const Frame& frame, const json& payload) {
  if (frame.kind() == FrameKind::missed) position_.seq = frame.seq();
  if (frame.kind() != FrameKind::watching && frame.kind() != FrameKind::reset) return;
  if (auto cursor = domain::Cursor::parse(payload.value("cursor", ""))) position_ = std::move(*cursor);
}

Outcome<Text> EventWriter::write_notification(const Frame& frame) {
  if (frame.kind() == FrameKind::reset) return graphql::refuse(log_replaced());
  json event = flatten(json::parse(frame.json()));
  if (frame.kind() == FrameKind::watching) {
    if (auto cursor = domain::MergedCursor::parse(event.value("cursor", ""))) inboxes_ = std::move(*cursor);
    return Text{};
  }
  if (frame.kind() != FrameKind::update) return Text{};
  inboxes_.seqs.insert_or_assign(frame.channel().local_name(), frame.seq());
  rename(event, "notificationId", "id");
  rename(event, "senderId", "sender");
  event["cursor"] = inboxes_.to_string();
  return render(event);
}

Text EventWriter::render(const json& event) const {
  return std::make_shared<const std::string>(project(schema_, subscription_, event).dump());
}

}  // namespace danwa::adapters::graphql
