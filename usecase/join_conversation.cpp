#include "usecase/join_conversation.hpp"

#include "domain/account/credential.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<JoinConversation::Output>> JoinConversation::execute(Input input, domain::Credential who) const {
  auto parsed = domain::combine(domain::ConversationKey::parse(std::move(input.conversation_key)),
                                domain::UserId::parse(std::move(input.user_id)));
  if (!parsed) co_return fail(std::move(parsed).error());
  const auto& [conversation, user] = *parsed;
  if (auto allowed = require_change(who, conversation); !allowed) co_return fail(std::move(allowed).error());
  ConversationRepository::Change change{who.company,       conversation,   who.user, needs_.clock.now(),
                                        needs_.ids.next(), domain::Uuid{}, {}};
  ConversationRepository::Rule rule = [who, user = user, precondition = std::move(input.precondition)](
                                          const ConversationRepository::View& view) -> Result<void> {
    if (auto allowed = view.conversation.admit(who, view.standing, user); !allowed) return allowed;
    return require(precondition, {.exists = view.member.has_value()});
  };
  auto joined = co_await needs_.conversations.join(std::move(change), user, std::move(rule));
  if (!joined) co_return fail(std::move(joined).error());
  if (joined->event) needs_.events.publish(*joined->event, joined->position.epoch);
  co_return Output{std::move(joined->member), joined->event.has_value(), std::move(joined->position)};
}

}  // namespace danwa::usecase
