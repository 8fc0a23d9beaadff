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

/// Makes somebody a member of a conversation, then tells every watcher. Thread safe.
class JoinConversation {
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
    domain::Member member;
    bool joined;                ///< just now; else nothing has changed
    domain::Position position;  ///< at which that is to be seen
  };

  explicit JoinConversation(Needs needs) : needs_{needs} {}

  /// Durable when it succeeds. Errors: `conversationKey-*`, `user-*` (validation), gathered;
  /// `token-required`; `not-granted`, `not-a-member` (forbidden); `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

}  // namespace danwa::usecase
