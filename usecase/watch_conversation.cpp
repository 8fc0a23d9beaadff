#include "usecase/watch_conversation.hpp"

#include "domain/account/credential.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<Watch>> WatchConversation::execute(Input input, domain::Credential who) const {
  auto conversation = domain::ConversationKey::parse(std::move(input.conversation_key));
  if (!conversation) co_return fail(std::move(conversation).error());
  if (auto allowed = require(who, domain::Verb::read, *conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  const auto view = co_await access_.require_entered(who, *conversation);
  if (!view) co_return fail(view.error());
  Watch watch =
      Watch::of(domain::ChannelKey::conversation(who.company, *conversation), std::move(input.after), input.delivery);
  // A replica may be behind the position that the caller has received.
  if (input.seen) watch.channels.front().now = ReadFrom::master;
  watch.guard = AccessGuard{who.company, std::move(*conversation), member_name(who), view->head, view->epoch};
  if (!who.anonymous) watch.presence = who.user;
  co_return watch;
}

}  // namespace danwa::usecase
