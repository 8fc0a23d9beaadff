#pragma once

#include <optional>
#include <string>

#include "domain/account/credential.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/clock.hpp"
#include "usecase/ports/conversation_repository.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/ports/id_generator.hpp"
#include "usecase/precondition.hpp"

namespace danwa::usecase {

/// Sets the title and visibility of a conversation. A caller who has the conversation to themselves becomes its owner.
/// Thread safe.
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
    std::optional<std::optional<std::string>> title;  ///< absent: unchanged; empty: removed
    std::optional<std::string> visibility;            ///< absent: unchanged
    Precondition precondition{};
  };
  struct Output {
    ConversationRepository::View view;  ///< after the change, as the caller sees it
    bool created;                       ///< nobody had written in it, joined it or configured it before
    domain::Position position;          ///< of the change
  };
  struct Parsed {
    domain::ConversationKey conversation;
    ConversationRepository::Settings settings;
  };

  explicit ConfigureConversation(Needs needs) : needs_{needs} {}

  /// Errors, gathered: `conversationKey-*`, `title-*`, `visibility-unknown` (validation).
  static domain::Result<Parsed> parse(Input input);

  /// A success is durable. No event is published if nothing changes. Errors: those of `parse`; `token-required`;
  /// `not-granted`, `not-a-member`, `not-an-owner` (forbidden); `unavailable`.
  Async<domain::Result<Output>> execute(Input input, domain::Credential who) const;

 private:
  Needs needs_;
};

}  // namespace danwa::usecase
