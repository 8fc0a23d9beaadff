#pragma once

#include <string>

#include "adapters/delivery/frame.hpp"

namespace danwa::adapters {

/// Appends `{"type": ..., "payload": {...}}`, as every watcher and every page of the log shows an update. A comment
/// that lost its text has `commentContent: null, redacted: true`.
void append_json(std::string& out, const domain::Update& update);

/// The frames that WebSocket clients see; their JSON is what the other text formats send, too. Besides updates:
///
/// - `watching {conversationKey, cursor, node}`, of a merged watch `{channels, cursor, node}`
/// - `updates-missed {conversationKey, fromSeq, toSeq}`; an inbox names its `channel` instead
/// - `reset {conversationKey, cursor}`, of a merged watch `{channel, channels, cursor}`
/// - `presence-changed {conversationKey, count, users}`
const FrameEncoder& json_frames();

}  // namespace danwa::adapters
