#pragma once

#include <optional>

#include "domain/conversation/conversation.hpp"
#include "domain/core/uuid.hpp"

namespace danwa::domain {

/// `user` is a member now, by the hand of `by`.
struct MemberJoined {
  Uuid id;  ///< of this event
  CompanyId company;
  ConversationKey conversation;
  UserId user;
  UserId by;
  Seq seq;
  Timestamp occurred_at;
};

/// `user` is a member no more, by the hand of `by`.
struct MemberLeft {
  Uuid id;
  CompanyId company;
  ConversationKey conversation;
  UserId user;
  UserId by;
  Seq seq;
  Timestamp occurred_at;
};

/// Title and visibility are these now.
struct ConversationChanged {
  Uuid id;
  Conversation conversation;
  UserId by;
  Seq seq;
  Timestamp occurred_at;
};

}  // namespace danwa::domain
