#include "usecase/get_comment.hpp"

#include "domain/comment/decisions.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<domain::Comment>> GetComment::execute(domain::CommentId id, domain::Credential who) const {
  auto found = co_await comments_.find(who.company, id);
  if (!found) co_return fail(std::move(found).error());
  if (auto readable = require_readable(who, *found); !readable) co_return fail(std::move(readable).error());
  const auto view = co_await access_.require_entered(std::move(who), found->conversation);
  if (!view) co_return fail(view.error());
  co_return std::move(found);
}

}  // namespace danwa::usecase
