#include "adapters/graphql/ws_event.hpp"

#include <variant>

#include "adapters/graphql/update_value.hpp"
#include "domain/core/overloaded.hpp"

namespace danwa::adapters::graphql {
namespace {

using nlohmann::json;
using Text = std::shared_ptr<const std::string>;

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
  take_position(*frame);
  const bool shared = frame->kind() == FrameKind::update && position_.epoch;
  if (shared) {
    if (auto known = cache_.find(frame, subscription_.fingerprint)) return known;
  }
  auto text = render(update_value(frame->content(), position_));
  if (shared) cache_.keep(frame, subscription_.fingerprint, text);
  return text;
}

/// `watching` and `reset` say where the watch is; what else has a seq moves it.
void EventWriter::take_position(const Frame& frame) {
  const domain::Overloaded move{
      [this](const domain::Update& update) { position_.seq = update.seq; },
      [this](const UpdatesMissed& missed) { position_.seq = missed.to; },
      [](const PresenceChanged&) {},
      [this](const auto& place) {
        if (const auto* const cursor = std::get_if<domain::Cursor>(&place.position)) position_ = *cursor;
      },
  };
  std::visit(move, frame.content());
}

Outcome<Text> EventWriter::write_notification(const Frame& frame) {
  if (frame.kind() == FrameKind::reset) return graphql::refuse(log_replaced());
  if (const auto* const watching = std::get_if<Watching>(&frame.content())) {
    if (const auto* const merged = std::get_if<MergedPosition>(&watching->position)) inboxes_ = merged->cursor;
  }
  const auto* const update = frame.update();
  const auto* const added = update ? std::get_if<domain::NotificationAdded>(&update->body) : nullptr;
  if (added == nullptr) return Text{};
  inboxes_.seqs.insert_or_assign(update->channel.local_name(), update->seq);
  return render(notification_value(update->channel, *added, update->seq, update->occurred_at, inboxes_));
}

Text EventWriter::render(const json& event) const {
  return std::make_shared<const std::string>(project(schema_, subscription_, event).dump());
}

}  // namespace danwa::adapters::graphql
