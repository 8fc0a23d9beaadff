#include "usecase/list_conversations.hpp"

#include "usecase/access.hpp"
#include "usecase/limit.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

namespace {

/// Most conversations looked through for one answer, when grants hide some of them.
constexpr std::size_t kMaxPages = 20;

/// Behind the last one of a page that was asked for `behind`.
UpdateLog::ConversationMark mark_behind(const UpdateLog::ConversationSummary& last,
                                        const std::optional<UpdateLog::ConversationMark>& behind) {
  return {last.place, behind ? behind->before : std::nullopt};
}

void tell_next(UpdateLog::Listing& page, const std::optional<UpdateLog::ConversationMark>& behind, std::size_t limit) {
  if (page.conversations.size() == limit) page.next = mark_behind(page.conversations.back(), behind);
}

}  // namespace

Async<Result<UpdateLog::Listing>> ListConversations::execute(std::optional<UpdateLog::ConversationMark> behind,
                                                             std::size_t limit, domain::Credential who,
                                                             std::optional<domain::Position> seen) const {
  if (auto ok = parse_limit(limit, kMaxLimit); !ok) co_return fail(std::move(ok).error());
  if (!who.grants) {
    auto page =
        co_await log_.conversations(who.company, member_name(who), behind, limit, Freshness::after(std::move(seen)));
    if (page) tell_next(*page, behind, limit);
    co_return page;
  }
  UpdateLog::Listing readable;
  domain::SeenPosition told;
  for (std::size_t page = 0; page < kMaxPages; ++page) {
    auto wanted = Freshness::after(told.latest() ? told.latest() : seen);
    auto found = co_await log_.conversations(who.company, member_name(who), behind, kMaxLimit, std::move(wanted));
    if (!found) co_return fail(std::move(found).error());
    if (found->position) told.saw(*found->position);
    const auto& all = found->conversations;
    for (const auto& summary : all) {
      const bool room = readable.conversations.size() < limit;
      if (room && who.allows(domain::Verb::read, summary.key)) readable.conversations.push_back(summary);
    }
    if (readable.conversations.size() == limit || all.size() < kMaxLimit) break;
    behind = mark_behind(all.back(), behind);
  }
  tell_next(readable, behind, limit);
  readable.position = told.latest();
  co_return std::move(readable);
}

}  // namespace danwa::usecase
