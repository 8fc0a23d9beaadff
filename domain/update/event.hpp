#pragma once

#include <variant>

#include "domain/comment/comment_event.hpp"
#include "domain/conversation/conversation_event.hpp"
#include "domain/notification/notification.hpp"
#include "domain/update/update.hpp"

namespace danwa::domain {

/// What happened, in any channel. It travels after the transaction that made it durable.
using DomainEvent = std::variant<CommentSent, CommentModified, CommentRemoved, MemberJoined, MemberLeft,
                                 ConversationChanged, NotificationSent>;

/// What a watcher of the channel sees of `event`.
Update to_update(const DomainEvent& event);

}  // namespace danwa::domain
