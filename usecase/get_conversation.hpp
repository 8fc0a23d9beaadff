#pragma once

#include <string>

#include "usecase/conversation_access.hpp"

namespace danwa::usecase {

/// Reads a conversation and the caller's membership in it. Thread safe.
class GetConversation {
 public:
  explicit GetConversation(const ConversationAccess& access) : access_{access} {}

  /// A conversation that nobody has written in is open and has head 0. Errors: `conversationKey-*` (validation);
  /// `not-granted`, `not-a-member` (forbidden); `unavailable`.
  Async<domain::Result<ConversationRepository::View>> execute(std::string conversation_key,
                                                              domain::Credential who) const;

 private:
  const ConversationAccess& access_;
};

}  // namespace danwa::usecase
