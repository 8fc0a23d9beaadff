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

/// Makes a user a member of a conversation, then publishes the event to every watcher. Thread safe.
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
    bool joined;                ///< true: by this call; false: was a member already
    domain::Position position;  ///< of the membership
  };

  explicit JoinConversation(Needs needs) : needs_{needs} {}

  /// A success is durable. Errors: `conversationKey-*`, `user-*` (validation), gathered; `token-required`;
  /// `not-granted`, `not-a-member` (forbidden); `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

}  // namespace danwa::usecase
