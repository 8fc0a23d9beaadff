#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "usecase/delivery/frame.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::adapters {

/// `p<place>`: the list continues behind the conversation at that place. With `-<milliseconds since 1970>` it has only
/// those with a last activity before that time. Opaque to clients.
std::string to_text(const usecase::UpdateLog::ConversationMark& mark);

/// Reads that form; or a time of RFC 3339, for conversations with a last activity before it; or the form of version
/// 0.0,
/// `<milliseconds>:<conversation key>`. Any other text: nullopt.
std::optional<usecase::UpdateLog::ConversationMark> parse_conversation_mark(std::string_view text);

/// Appends `{"type": ..., "payload": {...}}`, the form of an update for every watcher and every page of the log. A
/// comment without its text has `commentContent: null, redacted: true`.
void append_json(std::string& out, const domain::Update& update);

/// The encoder of frames for WebSocket clients. The other text formats send the same JSON. Besides updates there are:
///
/// - `watching {conversationKey, cursor, node}`, of a merged watch `{channels, cursor, node}`
/// - `updates-missed {conversationKey, fromSeq, toSeq}`; an inbox names its `channel` instead
/// - `reset {conversationKey, cursor}`, of a merged watch `{channel, channels, cursor}`
/// - `presence-changed {conversationKey, count, users}`
const delivery::FrameEncoder& json_frames();

}  // namespace danwa::adapters
