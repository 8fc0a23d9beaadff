#pragma once

#include <optional>
#include <string>

#include "usecase/conversation_access.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::usecase {

/// Decides whether a conversation may be watched. Thread safe.
class WatchConversation {
 public:
  struct Input {
    std::string conversation_key;
    std::optional<domain::Cursor> after;
    Delivery delivery = Delivery::complete;
    std::optional<domain::Position> seen{};  ///< "now" is not before it
  };

  explicit WatchConversation(const ConversationAccess& access) : access_{access} {}

  /// The watch has a guard, and counts as presence of the caller if they have a name. Errors: `conversationKey-*`
  /// (validation); `not-granted`, `not-a-member` (forbidden); `unavailable`.
  Async<domain::Result<Watch>> execute(Input input, domain::Credential who) const;

 private:
  const ConversationAccess& access_;
};

}  // namespace danwa::usecase
