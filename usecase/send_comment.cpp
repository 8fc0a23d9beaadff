#include "usecase/send_comment.hpp"

#include "domain/account/credential.hpp"
#include "usecase/idempotency.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Result<SendComment::Parsed> SendComment::parse(const domain::CommentFactory& factory, Input input,
                                               const domain::Credential& who) const {
  const auto& draft = input.draft;
  auto key = parse_idempotency_key(std::move(input.idempotency_key),
                                   {draft.content, draft.conversation_key, draft.client_ref.value_or("")});
  const domain::CommentId id{needs_.ids.next()};
  return domain::combine(factory.create(std::move(input.draft), id, who.company, who.user, needs_.clock.now()),
                         std::move(key));
}

Async<Result<SendComment::Output>> SendComment::execute(Input input, domain::Credential who) const {
  const Precondition precondition = std::move(input.precondition);
  std::optional<Input> other;  // as a node with a larger limit may have accepted it
  if (input.idempotency_key && needs_.factory.exceeds_limit(input.draft.content)) other = input;
  auto parsed = parse(needs_.factory, std::move(input), who);
  std::optional<domain::Errors> refusal;
  // A node with a larger limit may have saved this comment already, and a retry must get the first answer. So the
  // repository compares the idempotency key before the refusal counts.
  if (!parsed && other) {
    refusal = parsed.error();
    parsed = parse(domain::CommentFactory::of_any_node(), std::move(*other), who);
    if (!parsed) co_return fail(std::move(*refusal));
  }
  if (!parsed) co_return fail(std::move(parsed).error());
  auto& [comment, idempotency] = *parsed;
  if (auto allowed = require(who, domain::Verb::send, comment.conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  if (auto holds = require(precondition, {.exists = false}); !holds && !refusal) refusal = std::move(holds).error();
  auto added = co_await needs_.comments.add(std::move(comment), std::move(idempotency), std::move(refusal));
  if (!added) co_return fail(std::move(added).error());
  if (!added->replayed) needs_.events.publish(domain::CommentSent{added->comment}, added->position.epoch);
  co_return Output{std::move(added->comment), added->replayed, std::move(added->position)};
}

}  // namespace danwa::usecase
