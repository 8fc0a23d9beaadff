#pragma once

#include <string>
#include <string_view>

#include "usecase/ports/conversation_repository.hpp"

namespace danwa::adapters {

/// `{conversationKey, title, visibility, headSeq, role}`; `title` and `role` (of the caller) may be null.
std::string to_json(const usecase::ConversationRepository::View& view);

/// `{conversationKey, userId, role, joinedAt, seq}`; `seq` is that of the `member-joined` update.
std::string to_json(const domain::Member& member, std::string_view conversation_key);

/// `{members: [{userId, role, joinedAt}]}` and, when there are more, `next`: the `after` of the next page.
std::string to_json(const usecase::ConversationRepository::Members& members);

}  // namespace danwa::adapters
