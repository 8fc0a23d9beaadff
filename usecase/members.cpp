#include "usecase/members.hpp"

#include "usecase/ports/paging.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

namespace {

/// A change that passed all checks for which the database is not needed.
struct Planned {
  ConversationRepository::Change change;
  domain::UserId user;
  ConversationRepository::Rule rule;
};

using Permission = Result<void> (domain::Conversation::*)(const domain::Credential&, const domain::Membership&,
                                                          const domain::UserId&) const;

/// Joining and leaving differ only in the permission that the conversation gives.
Result<Planned> plan(const MembershipNeeds& needs, MembershipInput input, const domain::Credential& who,
                     Permission permission) {
  auto parsed = domain::combine(domain::ConversationKey::parse(std::move(input.conversation_key)),
                                domain::UserId::parse(std::move(input.user_id)));
  if (!parsed) return fail(std::move(parsed).error());
  const auto& [conversation, user] = *parsed;
  if (auto allowed = require_change(who, conversation); !allowed) return fail(std::move(allowed).error());
  ConversationRepository::Change change{who.company,      conversation,   who.user, needs.clock.now(),
                                        needs.ids.next(), domain::Uuid{}, {}};
  ConversationRepository::Rule rule = [who, user = user, permission, precondition = std::move(input.precondition)](
                                          const ConversationRepository::AccessContext& view) -> Result<void> {
    if (auto allowed = (view.conversation.*permission)(who, view.membership, user); !allowed) return allowed;
    return require(precondition, {.exists = view.member.has_value()});
  };
  return Planned{std::move(change), user, std::move(rule)};
}

}  // namespace

Async<Result<JoinConversation::Output>> JoinConversation::execute(Input input, domain::Credential who) const {
  auto planned = plan(needs_, std::move(input), who, &domain::Conversation::admit);
  if (!planned) co_return fail(std::move(planned).error());
  auto& [change, user, rule] = *planned;
  auto joined = co_await needs_.conversations.join(std::move(change), std::move(user), std::move(rule));
  if (!joined) co_return fail(std::move(joined).error());
  if (joined->event) needs_.events.publish(*joined->event, joined->position.epoch);
  co_return Output{std::move(joined->member), joined->event.has_value(), std::move(joined->position)};
}

Async<Result<LeaveConversation::Output>> LeaveConversation::execute(Input input, domain::Credential who) const {
  auto planned = plan(needs_, std::move(input), who, &domain::Conversation::dismiss);
  if (!planned) co_return fail(std::move(planned).error());
  auto& [change, user, rule] = *planned;
  auto left = co_await needs_.conversations.leave(std::move(change), std::move(user), std::move(rule));
  if (!left) co_return fail(std::move(left).error());
  if (left->event) needs_.events.publish(*left->event, left->position.epoch);
  co_return Output{left->event.has_value(), std::move(left->position)};
}

Async<Result<ConversationRepository::Members>> ListMembers::execute(Input input, domain::Credential who) const {
  auto parsed = domain::combine(domain::ConversationKey::parse(std::move(input.conversation_key)),
                                parse_limit(input.limit, kMaxLimit));
  if (!parsed) co_return fail(std::move(parsed).error());
  const auto& conversation = std::get<0>(*parsed);
  if (auto allowed = require(who, domain::Verb::read, conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  auto found =
      co_await conversations_.members(who.company, conversation, member_name(who), std::move(input.after), input.limit);
  if (!found) co_return fail(std::move(found).error());
  // Members and access are of one snapshot, so the page cannot leak members to a caller who has just left.
  const auto& view = found->view;
  if (auto entered = view.conversation.enter(view.membership); !entered) co_return fail(std::move(entered).error());
  co_return std::move(found);
}

}  // namespace danwa::usecase
