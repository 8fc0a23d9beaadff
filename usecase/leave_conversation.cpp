#include "usecase/leave_conversation.hpp"

#include "domain/account/credential.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<LeaveConversation::Output>> LeaveConversation::execute(Input input, domain::Credential who) const {
  auto parsed = domain::combine(domain::ConversationKey::parse(std::move(input.conversation_key)),
                                domain::UserId::parse(std::move(input.user_id)));
  if (!parsed) co_return fail(std::move(parsed).error());
  const auto& [conversation, user] = *parsed;
  if (auto allowed = require_change(who, conversation); !allowed) co_return fail(std::move(allowed).error());
  ConversationRepository::Change change{who.company,       conversation,   who.user, needs_.clock.now(),
                                        needs_.ids.next(), domain::Uuid{}, {}};
  ConversationRepository::Rule rule = [who, user = user, precondition = std::move(input.precondition)](
                                          const ConversationRepository::View& view) -> Result<void> {
    if (auto allowed = view.conversation.dismiss(who, view.standing, user); !allowed) return allowed;
    return require(precondition, {.exists = view.member.has_value()});
  };
  auto left = co_await needs_.conversations.leave(std::move(change), user, std::move(rule));
  if (!left) co_return fail(std::move(left).error());
  if (left->event) needs_.events.publish(*left->event, left->position.epoch);
  co_return Output{left->event.has_value(), std::move(left->position)};
}

}  // namespace danwa::usecase
