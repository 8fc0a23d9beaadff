#include "usecase/access.hpp"

#include <chrono>
#include <utility>

namespace danwa::usecase {

using domain::fail;
using domain::Result;

namespace {

constexpr std::size_t kMembersAtOnce = 1'000;  // of a private conversation; with more, each caller is looked up

Result<ConversationAccess::Entered> to_entered(const ConversationRepository::AccessContext& view) {
  auto entered = view.conversation.enter(view.membership);
  if (!entered) return fail(std::move(entered).error());
  return ConversationAccess::Entered{view.head, view.epoch};
}

}  // namespace

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

/// Who has waited for the read of another caller looks once more, and reads alone if that did not help.
Async<Result<ConversationAccess::Entered>> ConversationAccess::require_reader(domain::Credential who,
                                                                              domain::ConversationKey conversation,
                                                                              ConversationFacts::Wanted wanted) const {
  const auto channel = domain::ChannelKey::conversation(who.company, conversation);
  const auto user = member_name(who);
  if (facts_ != nullptr) {
    const auto look = [&] { return facts_->find(channel, user, wanted, std::chrono::steady_clock::now()); };
    if (const auto known = look()) co_return Entered{known->as_of, known->epoch};
    auto reading = co_await facts_->begin(channel);
    if (!reading) co_return fail(std::move(reading).error());
    if (*reading) {
      // Another read may have ended between the look and the beginning of this one.
      if (const auto known = look()) co_return Entered{known->as_of, known->epoch};
      auto entered = co_await read_shared(who, conversation, channel);
      if (!entered && entered.error().first().kind != domain::ErrorKind::forbidden) (*reading)->fail(entered.error());
      co_return entered;
    }
    if (const auto known = look()) co_return Entered{known->as_of, known->epoch};
  }
  auto view = co_await conversations_.view(who.company, std::move(conversation), user);
  if (!view) co_return fail(std::move(view).error());
  if (facts_ != nullptr) facts_->learn(channel, user, *view);
  co_return to_entered(*view);
}

/// An open conversation is known by one view. Of a private one the members are read too, for the others who ask.
Async<Result<ConversationAccess::Entered>> ConversationAccess::read_shared(domain::Credential who,
                                                                           domain::ConversationKey conversation,
                                                                           domain::ChannelKey channel) const {
  const auto user = member_name(who);
  auto view = co_await conversations_.view(who.company, conversation, user);
  if (!view) co_return fail(std::move(view).error());
  facts_->learn(channel, user, *view);
  const bool is_private = view->conversation.visibility == domain::Visibility::restricted;
  if (is_private && !facts_->knows_members(channel)) {
    const auto members = co_await conversations_.members(who.company, conversation, user, std::nullopt, kMembersAtOnce);
    if (members) facts_->learn_all(channel, *members);
  }
  co_return to_entered(*view);
}

}  // namespace danwa::usecase
