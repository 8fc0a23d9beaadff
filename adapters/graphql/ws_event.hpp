#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>

#include "adapters/delivery/frame.hpp"
#include "adapters/graphql/subscription.hpp"
#include "adapters/graphql/ws_event_cache.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/channel/merged_cursor.hpp"

namespace danwa::adapters::graphql {

/// Turns the frames of one watch, in their order, into the answers of one subscription. Owned by: the
/// subscription's connection.
class EventWriter {
 public:
  /// `subscription` and `cache` outlive this.
  EventWriter(const Schema& schema, const Subscription& subscription, EventCache& cache)
      : schema_{schema}, subscription_{subscription}, cache_{cache} {}

  /// The answer is JSON text; null: the subscription has nothing to tell of this frame. The failure ends the
  /// subscription (`reset`: an inbox's log is not the one that `after` comes from).
  Outcome<std::shared_ptr<const std::string>> write(const FramePtr& frame);

 private:
  Outcome<std::shared_ptr<const std::string>> write_update(const FramePtr& frame);
  Outcome<std::shared_ptr<const std::string>> write_notification(const Frame& frame);
  std::shared_ptr<const std::string> render(const nlohmann::json& event) const;
  void take_position(const Frame& frame);

  const Schema& schema_;
  const Subscription& subscription_;
  EventCache& cache_;
  domain::Cursor position_;       // of a conversation
  domain::MergedCursor inboxes_;  // of notifications
};

}  // namespace danwa::adapters::graphql
