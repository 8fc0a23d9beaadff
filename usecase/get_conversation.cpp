#include "usecase/get_conversation.hpp"

#include "domain/account/credential.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<ConversationRepository::View>> GetConversation::execute(std::string conversation_key,
                                                                     domain::Credential who) const {
  auto conversation = domain::ConversationKey::parse(std::move(conversation_key));
  if (!conversation) co_return fail(std::move(conversation).error());
  if (auto allowed = require(who, domain::Verb::read, *conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  co_return co_await access_.require_entered(std::move(who), std::move(*conversation));
}

}  // namespace danwa::usecase
