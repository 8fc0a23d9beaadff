#include "usecase/edit_comment.hpp"

#include "usecase/access.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<EditComment::Output>> EditComment::execute(Input input, domain::Credential who) const {
  auto content = needs_.factory.parse_content(std::move(input.content));
  if (!content) co_return fail(std::move(content).error());
  auto change = [who, content = std::move(*content), expected = input.expected_version, redact = input.redact,
                 precondition = std::move(input.precondition),
                 now = needs_.clock.now()](const domain::Comment& comment) -> Result<domain::Comment> {
    if (auto readable = require_readable(who, comment); !readable) return fail(std::move(readable).error());
    if (auto allowed = require(who, domain::Verb::send, comment.conversation); !allowed) {
      return fail(std::move(allowed).error());
    }
    auto edited = comment.edited(who.user, content, expected, now, redact);
    if (!edited) return edited;
    if (auto holds = require(precondition, target_of(comment)); !holds) return fail(std::move(holds).error());
    return edited;
  };
  CommentRepository::Edit edit = [change = std::move(change)](const domain::Comment& comment,
                                                              const Result<void>& entered) {
    return told_inside(entered, change(comment));
  };
  const auto earlier = input.redact ? CommentRepository::EarlierTexts::go : CommentRepository::EarlierTexts::stay;
  auto modified = co_await needs_.comments.modify(who.company, who.user, input.id, std::move(edit), earlier);
  if (!modified) co_return fail(std::move(modified).error());
  needs_.events.publish(modified->event, modified->position.epoch);
  co_return Output{std::move(modified->event.comment), std::move(modified->position)};
}

}  // namespace danwa::usecase
