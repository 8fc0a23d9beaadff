#include "usecase/remove_comment.hpp"

#include "domain/comment/decisions.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<RemoveComment::Output>> RemoveComment::execute(Input input, domain::Credential who) const {
  CommentRepository::Check check = [who, expected = input.expected_version,
                                    precondition = std::move(input.precondition)](const domain::Comment& comment,
                                                                                  const Result<void>& entered) {
    auto allowed = domain::decide_removal(who, comment, entered, expected);
    return allowed ? require(precondition, target_of(comment)) : allowed;
  };
  auto removed = co_await needs_.comments.remove(who.company, who.user, input.id, std::move(check), needs_.clock.now());
  if (!removed) co_return fail(std::move(removed).error());
  needs_.events.publish(removed->event, removed->position.epoch);
  co_return Output{std::move(removed->position)};
}

}  // namespace danwa::usecase
