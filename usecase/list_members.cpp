#include "usecase/list_members.hpp"

#include "domain/account/credential.hpp"
#include "usecase/limit.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

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
  if (auto entered = view.conversation.enter(view.standing); !entered) co_return fail(std::move(entered).error());
  co_return std::move(found);
}

}  // namespace danwa::usecase
