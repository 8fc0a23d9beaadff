#include "usecase/read_notifications.hpp"

#include "usecase/inboxes.hpp"
#include "usecase/limit.hpp"
#include "usecase/merged_reader.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<ReadNotifications::Output>> ReadNotifications::execute(Input input, domain::Credential who) const {
  auto parsed = domain::combine(inboxes_of(who), parse_limit(input.limit, kMaxLimit));
  if (!parsed) co_return fail(std::move(parsed).error());
  MergedReader reader{log_, std::get<0>(*parsed), input.after, input.limit,
                      Freshness::after(std::move(input.seen), input.from)};
  auto updates = co_await reader.read();
  if (!updates) co_return fail(std::move(updates).error());
  if (*updates) co_return Output{std::move(**updates), reader.place(), false, reader.position()};
  auto heads = co_await reader.heads();
  if (!heads) co_return fail(std::move(heads).error());
  co_return Output{{}, std::move(*heads), true, reader.position()};
}

}  // namespace danwa::usecase
