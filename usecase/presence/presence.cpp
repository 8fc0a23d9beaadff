#include "usecase/presence/presence.hpp"

#include "domain/account/credential.hpp"
#include "usecase/ports/paging.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<GetPresence::Output>> GetPresence::execute(Input input, domain::Credential who) const {
  auto parsed = domain::combine(domain::ConversationKey::parse(std::move(input.conversation_key)),
                                parse_limit(input.limit, kMaxLimit));
  if (!parsed) co_return fail(std::move(parsed).error());
  auto& [conversation, limit] = *parsed;
  if (auto allowed = require(who, domain::Verb::read, conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  auto page = presence_.present(domain::ChannelKey::conversation(who.company, conversation), input.after, limit);
  const auto view = co_await access_.require_entered(who, conversation);
  if (!view) co_return fail(view.error());
  co_return Output{std::move(conversation), std::move(page)};
}

}  // namespace danwa::usecase
