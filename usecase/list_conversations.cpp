#include "usecase/list_conversations.hpp"

#include <algorithm>

#include "domain/account/credential.hpp"
#include "usecase/limit.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

namespace {

/// The keys that the grants of `who` allow to read; absent: all.
std::optional<domain::KeyPatterns> readable_by(const domain::Credential& who) {
  if (who.anonymous || !who.grants) return std::nullopt;
  std::vector<std::string> patterns;
  for (const auto& grant : *who.grants) {
    const auto& verbs = grant.verbs;
    if (std::find(verbs.begin(), verbs.end(), domain::Verb::read) != verbs.end()) patterns.push_back(grant.pattern);
  }
  return domain::KeyPatterns{std::move(patterns)};
}

}  // namespace

Async<Result<UpdateLog::Listing>> ListConversations::execute(std::optional<UpdateLog::ConversationMark> behind,
                                                             std::size_t limit, domain::Credential who,
                                                             std::optional<domain::Position> seen) const {
  if (auto ok = parse_limit(limit, kMaxLimit); !ok) co_return fail(std::move(ok).error());
  UpdateLog::ListingWish wish{who.company, member_name(who), readable_by(who), std::move(behind), limit};
  co_return co_await log_.conversations(std::move(wish), Freshness::after(std::move(seen)));
}

}  // namespace danwa::usecase
