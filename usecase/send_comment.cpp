#include "usecase/send_comment.hpp"

#include "usecase/access.hpp"
#include "usecase/idempotency.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<SendComment::Output>> SendComment::execute(Input input, domain::Credential who) const {
  const auto& draft = input.draft;
  auto key = parse_idempotency_key(std::move(input.idempotency_key),
                                   {draft.content, draft.conversation_key, draft.client_ref.value_or("")});
  const domain::CommentId id{needs_.ids.next()};
  auto parsed = domain::combine(
      needs_.factory.create(std::move(input.draft), id, who.company, who.user, needs_.clock.now()), std::move(key));
  if (!parsed) co_return fail(std::move(parsed).error());
  auto& [comment, idempotency] = *parsed;
  if (auto allowed = require(who, domain::Verb::send, comment.conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  auto added = co_await needs_.comments.add(std::move(comment), std::move(idempotency));
  if (!added) co_return fail(std::move(added).error());
  if (!added->replayed) needs_.events.publish(domain::CommentSent{added->comment});
  co_return Output{std::move(added->comment), added->replayed, std::move(added->position)};
}

}  // namespace danwa::usecase
