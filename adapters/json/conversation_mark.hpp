#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "usecase/ports/update_log.hpp"

namespace danwa::adapters {

/// `p<place>`: behind the conversation that stood at that place; with `-<milliseconds since 1970>` only those
/// whose last activity is before that time. Opaque to clients.
std::string to_text(const usecase::UpdateLog::ConversationMark& mark);

/// Reads that form, or a time as RFC 3339 has it (only those whose last activity is before it), or the form of
/// version 0.0, `<milliseconds>:<conversation key>`; nothing for anything else.
std::optional<usecase::UpdateLog::ConversationMark> parse_conversation_mark(std::string_view text);

}  // namespace danwa::adapters
