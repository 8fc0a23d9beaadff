#include "usecase/edit_comment.hpp"

#include "domain/comment/decisions.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<EditComment::Output>> EditComment::execute(Input input, domain::Credential who) const {
  auto content = needs_.factory.parse_content(std::move(input.content));
  if (!content) co_return fail(std::move(content).error());
  domain::CommentEdit wanted{std::move(*content), input.expected_version, input.redact, needs_.clock.now()};
  CommentRepository::Edit edit = [who, wanted = std::move(wanted), precondition = std::move(input.precondition)](
                                     const domain::Comment& comment, const Result<void>& entered) {
    auto edited = domain::decide_edit(who, comment, entered, wanted);
    if (!edited) return edited;
    if (auto holds = require(precondition, target_of(comment)); !holds) edited = fail(std::move(holds).error());
    return edited;
  };
  const auto earlier = input.redact ? CommentRepository::EarlierTexts::go : CommentRepository::EarlierTexts::stay;
  auto modified = co_await needs_.comments.modify(who.company, who.user, input.id, std::move(edit), earlier);
  if (!modified) co_return fail(std::move(modified).error());
  needs_.events.publish(modified->event, modified->position.epoch);
  co_return Output{std::move(modified->event.comment), std::move(modified->position)};
}

}  // namespace danwa::usecase
