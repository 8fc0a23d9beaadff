#pragma once

#include <nlohmann/json.hpp>

#include "adapters/delivery/frame.hpp"

namespace danwa::adapters::graphql {

/// What a subscription to a conversation is shown, as the schema's ConversationUpdate; `cursor` is the place behind it.
nlohmann::json update_value(const FrameContent& content, const domain::Cursor& cursor);

/// One update of an inbox, as the schema's Notification.
nlohmann::json notification_value(const domain::ChannelKey& channel, const domain::NotificationAdded& added,
                                  domain::Seq seq, domain::Timestamp at, const domain::MergedCursor& cursor);

}  // namespace danwa::adapters::graphql
