#include "usecase/updates.hpp"

#include "usecase/ports/paging.hpp"

namespace danwa::usecase {

using domain::fail;
using domain::Result;

Async<Result<Watch>> WatchConversation::execute(Input input, domain::Credential who) const {
  auto conversation = domain::ConversationKey::parse(std::move(input.conversation_key));
  if (!conversation) co_return fail(std::move(conversation).error());
  if (auto allowed = require(who, domain::Verb::read, *conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  ConversationFacts::Wanted wanted{.seen = input.seen};
  const auto entered = co_await access_.require_reader(who, *conversation, std::move(wanted));
  if (!entered) co_return fail(entered.error());
  Watch watch =
      Watch::of(domain::ChannelKey::conversation(who.company, *conversation), std::move(input.after), input.delivery);
  // A replica may be behind the position that the caller has received.
  if (input.seen) watch.channels.front().now = ReadFrom::master;
  // What the node knows may be older than the caller, for whom "now" is behind all that was answered before.
  if (watch.channels.front().after) watch.channels.front().head = domain::Cursor{entered->epoch, entered->head};
  watch.guard = AccessGuard{who.company, std::move(*conversation), member_name(who), entered->head, entered->epoch};
  if (!who.anonymous) watch.presence = who.user;
  co_return watch;
}

Async<Result<ReadUpdates::Output>> ReadUpdates::execute(Input input, domain::Credential who) const {
  auto parsed = domain::combine(domain::ConversationKey::parse(std::move(input.conversation_key)),
                                parse_limit(input.limit, kMaxLimit));
  if (!parsed) co_return fail(std::move(parsed).error());
  const auto& conversation = std::get<0>(*parsed);
  if (auto allowed = require(who, domain::Verb::read, conversation); !allowed) {
    co_return fail(std::move(allowed).error());
  }
  const auto channel = domain::ChannelKey::conversation(who.company, conversation);
  const domain::Seq first = input.after.seq + 1;
  auto page =
      co_await log_.read(channel, first, domain::kMaxSeq, input.limit, Freshness::after(input.seen, input.from));
  // A cursor above the head of a replica may only be newer than the replica. The master decides whether it is valid.
  if (page && page->head < input.after.seq && input.from != ReadFrom::master) {
    const auto on_master = Freshness::after(input.seen, ReadFrom::master);
    page = co_await log_.read(channel, first, domain::kMaxSeq, input.limit, on_master);
  }
  if (!page) co_return fail(std::move(page).error());
  // Access is checked after the read, see ConversationAccess: as of the page's head at least.
  ConversationFacts::Wanted wanted{std::move(input.seen), page->head};
  const auto entered = co_await access_.require_reader(std::move(who), conversation, std::move(wanted));
  if (!entered) co_return fail(entered.error());
  const bool foreign = input.after.epoch && *input.after.epoch != page->epoch;
  const bool reset = foreign || input.after.seq > page->head || first < page->oldest;
  if (reset) page->updates.clear();
  co_return Output{std::move(*page), reset};
}

}  // namespace danwa::usecase
