#pragma once

#include <string>

#include "domain/account/credential.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/clock.hpp"
#include "usecase/ports/conversation_repository.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/ports/id_generator.hpp"
#include "usecase/precondition.hpp"

namespace danwa::usecase {

/// Ends a user's membership of a conversation, then publishes the event to every watcher. In a private conversation the
/// user's live watches end with it. Thread safe.
class LeaveConversation {
 public:
  struct Needs {
    ConversationRepository& conversations;
    EventBus& events;
    IdGenerator& ids;
    const Clock& clock;
  };
  struct Input {
    std::string conversation_key;
    std::string user_id;
    Precondition precondition{};  ///< on the membership
  };

  struct Output {
    bool left;                  ///< true: was a member until now
    domain::Position position;  ///< of the end of the membership
  };

  explicit LeaveConversation(Needs needs) : needs_{needs} {}

  /// A success is durable. Errors: `conversationKey-*`, `user-*` (validation), gathered; `token-required`;
  /// `not-granted`, `not-a-member`, `not-an-owner` (forbidden); `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

}  // namespace danwa::usecase
