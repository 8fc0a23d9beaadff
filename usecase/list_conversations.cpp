#include "usecase/list_conversations.hpp"

#include "usecase/access.hpp"
#include "usecase/limit.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

namespace {

/// Most conversations looked through for one answer, when grants hide some of them.
constexpr std::size_t kMaxPages = 20;

}  // namespace

Async<Result<UpdateLog::Listing>> ListConversations::execute(std::optional<UpdateLog::ConversationMark> behind,
                                                             std::size_t limit, domain::Credential who,
                                                             std::optional<domain::Position> seen) const {
  if (auto ok = parse_limit(limit, kMaxLimit); !ok) co_return fail(std::move(ok).error());
  if (!who.grants) {
    co_return co_await log_.conversations(who.company, member_name(who), behind, limit,
                                          Freshness::after(std::move(seen)));
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
    behind = UpdateLog::ConversationMark{all.back().last_activity, all.back().key};
  }
  readable.position = told.latest();
  co_return std::move(readable);
}

}  // namespace danwa::usecase
