#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "usecase/delivery/frame.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::adapters {

/// `p<place>`: behind the conversation that stood at that place; with `-<milliseconds since 1970>` only those
/// whose last activity is before that time. Opaque to clients.
std::string to_text(const usecase::UpdateLog::ConversationMark& mark);

/// Reads that form, or a time as RFC 3339 has it (only those whose last activity is before it), or the form of
/// version 0.0, `<milliseconds>:<conversation key>`; nothing for anything else.
std::optional<usecase::UpdateLog::ConversationMark> parse_conversation_mark(std::string_view text);

/// Appends `{"type": ..., "payload": {...}}`, as every watcher and every page of the log shows an update. A comment
/// that lost its text has `commentContent: null, redacted: true`.
void append_json(std::string& out, const domain::Update& update);

/// The frames that WebSocket clients see; their JSON is what the other text formats send, too. Besides updates:
///
/// - `watching {conversationKey, cursor, node}`, of a merged watch `{channels, cursor, node}`
/// - `updates-missed {conversationKey, fromSeq, toSeq}`; an inbox names its `channel` instead
/// - `reset {conversationKey, cursor}`, of a merged watch `{channel, channels, cursor}`
/// - `presence-changed {conversationKey, count, users}`
const delivery::FrameEncoder& json_frames();

}  // namespace danwa::adapters
