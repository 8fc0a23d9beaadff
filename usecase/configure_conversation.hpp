#pragma once

#include <optional>
#include <string>

#include "domain/account/credential.hpp"
#include "usecase/async.hpp"
#include "usecase/ports/clock.hpp"
#include "usecase/ports/conversation_repository.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/ports/id_generator.hpp"
#include "usecase/precondition.hpp"

namespace danwa::usecase {

/// Sets a conversation's title and visibility, and makes its owner of whoever has it for themselves. Thread safe.
class ConfigureConversation {
 public:
  struct Needs {
    ConversationRepository& conversations;
    EventBus& events;
    IdGenerator& ids;
    const Clock& clock;
  };
  struct Input {
    std::string conversation_key;
    std::optional<std::optional<std::string>> title;  ///< absent: as it is; empty: none
    std::optional<std::string> visibility;            ///< absent: as it is
    Precondition precondition{};
  };
  struct Output {
    ConversationRepository::View view;  ///< afterwards, as the caller sees it
    bool created;                       ///< nobody had written in it, joined it or set it up
    domain::Position position;          ///< at which that is to be seen
  };
  struct Parsed {
    domain::ConversationKey conversation;
    ConversationRepository::Settings settings;
  };

  explicit ConfigureConversation(Needs needs) : needs_{needs} {}

  /// Errors, gathered: `conversationKey-*`, `title-*`, `visibility-unknown` (validation).
  static domain::Result<Parsed> parse(Input input);

  /// Durable when it succeeds; says nothing to anybody when all was so already. Errors: those of `parse`;
  /// `token-required`; `not-granted`, `not-a-member`, `not-an-owner` (forbidden); `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

}  // namespace danwa::usecase
