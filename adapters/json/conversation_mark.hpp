#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "usecase/ports/update_log.hpp"

namespace danwa::adapters {

/// `<milliseconds since 1970>:<conversation key>`: behind that conversation.
std::string to_text(const usecase::UpdateLog::ConversationMark& mark);

/// Reads that form, or a time as RFC 3339 has it (behind all that were active then or later); nothing for
/// anything else.
std::optional<usecase::UpdateLog::ConversationMark> parse_conversation_mark(std::string_view text);

}  // namespace danwa::adapters
