#pragma once

#include <string>

#include "domain/account/credential.hpp"
#include "usecase/async.hpp"
#include "usecase/ports/clock.hpp"
#include "usecase/ports/conversation_repository.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/ports/id_generator.hpp"
#include "usecase/precondition.hpp"

namespace danwa::usecase {

/// Ends somebody's membership of a conversation, then tells every watcher; where it is private, their live
/// watches end with it. Thread safe.
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
    bool left;                  ///< was a member until now
    domain::Position position;  ///< at which that is to be seen
  };

  explicit LeaveConversation(Needs needs) : needs_{needs} {}

  /// Durable when it succeeds. Errors: `conversationKey-*`, `user-*` (validation), gathered;
  /// `token-required`; `not-granted`, `not-a-member`, `not-an-owner` (forbidden); `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

}  // namespace danwa::usecase
