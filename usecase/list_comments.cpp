#include "usecase/list_comments.hpp"

#include "domain/account/credential.hpp"
#include "usecase/limit.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<CommentRepository::Page>> ListComments::execute(std::string conversation_key,
                                                             CommentRepository::Range range, domain::Credential who,
                                                             std::optional<domain::Position> seen) const {
  auto parsed =
      domain::combine(domain::ConversationKey::parse(std::move(conversation_key)), parse_limit(range.limit, kMaxLimit));
  if (!parsed) co_return fail(std::move(parsed).error());
  const auto& conversation = std::get<0>(*parsed);
  if (auto allowed = require(who, domain::Verb::read, conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  auto page = co_await comments_.list(who.company, conversation, range, Freshness::after(std::move(seen)));
  if (!page) co_return fail(std::move(page).error());
  // Access is checked after the read, see ConversationAccess.
  const auto view = co_await access_.require_entered(std::move(who), conversation);
  if (!view) co_return fail(view.error());
  co_return std::move(page);
}

}  // namespace danwa::usecase
