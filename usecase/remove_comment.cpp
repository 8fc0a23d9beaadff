#include "usecase/remove_comment.hpp"

#include "usecase/access.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<RemoveComment::Output>> RemoveComment::execute(Input input, domain::Credential who) const {
  auto own = [who, expected = input.expected_version](const domain::Comment& comment) -> Result<void> {
    if (auto readable = require_readable(who, comment); !readable) return fail(std::move(readable).error());
    if (auto allowed = require(who, domain::Verb::send, comment.conversation); !allowed) {
      return fail(std::move(allowed).error());
    }
    return comment.removable(who.user, expected);
  };
  CommentRepository::Check check = [who, expected = input.expected_version, own = std::move(own),
                                    precondition = std::move(input.precondition)](const domain::Comment& comment,
                                                                                  const Result<void>& entered) {
    const bool moderates = who.allows(domain::Verb::moderate, comment.conversation);
    auto allowed = moderates ? comment.removable(who.user, expected, true) : told_inside(entered, own(comment));
    return allowed ? require(precondition, target_of(comment)) : allowed;
  };
  auto removed = co_await needs_.comments.remove(who.company, who.user, input.id, std::move(check), needs_.clock.now());
  if (!removed) co_return fail(std::move(removed).error());
  needs_.events.publish(removed->event, removed->position.epoch);
  co_return Output{std::move(removed->position)};
}

}  // namespace danwa::usecase
