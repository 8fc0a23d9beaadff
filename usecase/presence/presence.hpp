#pragma once

#include <optional>
#include <string>

#include "usecase/access.hpp"
#include "usecase/ports/presence.hpp"

namespace danwa::usecase {

/// Lists the users who watch a conversation now, on all nodes. Thread safe.
class GetPresence {
 public:
  static constexpr std::size_t kMaxLimit = 1000;

  struct Input {
    std::string conversation_key;
    std::optional<domain::UserId> after;  ///< only users whose id is above it
    std::size_t limit = kMaxLimit;
  };

  struct Output {
    domain::ConversationKey conversation;
    Presence::Page page;
  };

  GetPresence(const Presence& presence, const ConversationAccess& access) : presence_{presence}, access_{access} {}

  /// Errors: `conversationKey-*`, `limit-out-of-range` (validation); `not-granted`, `not-a-member` (forbidden);
  /// `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  const Presence& presence_;
  const ConversationAccess& access_;
};

}  // namespace danwa::usecase
