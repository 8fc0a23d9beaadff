#include "usecase/access.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<AccessCheck::Answer>> ConversationAccess::check(AccessGuard guard) {
  const auto view = co_await conversations_.view(guard.company, guard.conversation, guard.user);
  if (!view) co_return fail(view.error());
  co_return Answer{view->conversation.enter(view->membership).has_value(), view->head, view->epoch};
}

Async<Result<ConversationRepository::AccessContext>> ConversationAccess::require_entered(
    domain::Credential who, domain::ConversationKey conversation) const {
  auto view = co_await conversations_.view(who.company, std::move(conversation), member_name(who));
  if (!view) co_return fail(std::move(view).error());
  if (auto entered = view->conversation.enter(view->membership); !entered) co_return fail(std::move(entered).error());
  co_return std::move(view);
}

}  // namespace danwa::usecase
