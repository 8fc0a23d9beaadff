#include "usecase/notifications.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "usecase/ports/paging.hpp"

// The use cases of notifications, and the reader that merges inboxes. A caller has up to 66 inboxes: their own, one per
// store of their token, and the company's. Each is a channel with a log of its own, so a notification to a company is
// written once and not once per person. Only the reader pays: it merges the logs by time, and its cursor names a seq
// per inbox.

namespace danwa::usecase {

using domain::ChannelKey;

static_assert(kMaxStores + 2 == Watch::kMaxChannels);

domain::Result<std::vector<ChannelKey>> inboxes_of(const domain::Credential& who) {
  if (auto named = require_named(who); !named) return domain::fail(std::move(named).error());
  const std::set<domain::StoreId> stores{who.stores.begin(), who.stores.end()};
  if (stores.size() > kMaxStores) {
    return domain::fail(domain::validation_error("too-many-stores", "stores",
                                                 "At most " + std::to_string(kMaxStores) + " stores can be watched."));
  }
  std::vector<ChannelKey> inboxes{ChannelKey::inbox(who.company, who.user)};
  for (const auto& store : stores) inboxes.push_back(ChannelKey::inbox(who.company, store));
  inboxes.push_back(ChannelKey::inbox(who.company));
  return inboxes;
}

// An order by time needs the next update of every inbox. Reading a whole page of each would hold 66 pages in memory. So
// each read of one inbox takes its share of two pages: with n inboxes, 2/n of a page. An inbox that holds most of the
// new updates is read several times: that costs queries, but the memory stays bounded.

using domain::fail;
using domain::Result;

MergedReader::MergedReader(UpdateLog& log, const std::vector<domain::ChannelKey>& channels,
                           const std::optional<domain::MergedCursor>& after, std::size_t limit, const Freshness& wanted)
    : log_{log},
      limit_{limit},
      chunk_{std::min(limit, 2 * limit / channels.size() + 1),
             std::min(PageSize::kText, 2 * PageSize::kText / channels.size())},
      wanted_{wanted} {
  if (after && !after->from_start) epoch_ = after->epoch;
  for (const auto& channel : channels) {
    const auto start = after ? after->in(channel) : std::nullopt;
    sources_.push_back(Source{
        .channel = channel, .seq = start ? start->seq : 0, .waiting = {}, .from_oldest = !start || after->from_start});
  }
}

Async<Result<std::optional<std::vector<domain::Update>>>> MergedReader::read() {
  std::vector<domain::Update> merged;
  PageText text{PageSize::kText};
  while (merged.size() < limit_) {
    for (auto& source : sources_) {
      const auto good = co_await fill(source);
      if (!good) co_return fail(good.error());
      if (!*good) co_return std::nullopt;
    }
    Source* next = oldest();
    if (next == nullptr || !text.admits(next->waiting.front())) break;
    next->seq = next->waiting.front().seq;
    merged.push_back(std::move(next->waiting.front()));
    next->waiting.pop_front();
  }
  co_return std::move(merged);
}

Async<Result<bool>> MergedReader::fill(Source& source) {
  if (!source.waiting.empty() || source.at_end) co_return true;
  auto page = co_await read_page(source, wanted_.from);
  if (page && page->head < source.seq && wanted_.from != ReadFrom::master) {
    page = co_await read_page(source, ReadFrom::master);
  }
  if (!page) co_return fail(std::move(page).error());
  if (!epoch_) epoch_ = page->epoch;
  if (page->epoch != *epoch_ || page->head < source.seq) co_return false;
  // Retention has deleted the next update. A source that starts at its oldest update goes on there; for a cursor this
  // is a reset.
  if (page->oldest > source.seq + 1) {
    if (!std::exchange(source.from_oldest, false)) co_return false;
    source.seq = page->oldest - 1;
    co_return co_await fill(source);
  }
  source.from_oldest = false;
  source.at_end = page->updates.empty() || page->updates.back().seq >= page->head;
  std::move(page->updates.begin(), page->updates.end(), std::back_inserter(source.waiting));
  co_return true;
}

Async<Result<UpdateLog::Page>> MergedReader::read_page(const Source& source, ReadFrom from) {
  // A later read must not show an older state than an earlier one of the same page.
  auto wanted = Freshness::after(told_.latest() ? told_.latest() : wanted_.seen, from);
  auto page = co_await log_.read(source.channel, source.seq + 1, domain::kMaxSeq, chunk_, std::move(wanted));
  if (page && page->position) told_.saw(*page->position);
  co_return std::move(page);
}

MergedReader::Source* MergedReader::oldest() {
  Source* found = nullptr;
  for (auto& source : sources_) {
    if (source.waiting.empty()) continue;
    const auto at = source.waiting.front().occurred_at;
    if (found == nullptr || at < found->waiting.front().occurred_at) found = &source;
  }
  return found;
}

domain::MergedCursor MergedReader::place() const {
  domain::MergedCursor cursor;
  cursor.epoch = epoch_.value_or(domain::Epoch{});
  for (const auto& source : sources_) cursor.seqs.emplace(source.channel.local_name(), source.seq);
  return cursor;
}

Async<Result<domain::MergedCursor>> MergedReader::heads() {
  std::vector<ChannelKey> channels;
  for (const auto& source : sources_) channels.push_back(source.channel);
  auto heads = co_await log_.heads(std::move(channels), ReadFrom::master);
  if (!heads) co_return fail(std::move(heads).error());
  domain::MergedCursor cursor;
  cursor.epoch = heads->epoch;
  for (std::size_t i = 0; i < sources_.size(); ++i) {
    cursor.seqs.emplace(sources_[i].channel.local_name(), heads->seqs[i]);
  }
  if (const auto now = co_await log_.position()) told_.saw(*now);
  co_return cursor;
}

namespace {

/// The inbox of the recipient in `company`. A recipient that is another company keeps that company's name, and the
/// permission check rejects it.
Result<ChannelKey> parse_recipient(SendNotification::Recipient to, const domain::CompanyId& company) {
  if (int{to.user.has_value()} + int{to.store.has_value()} + int{to.company.has_value()} != 1) {
    return fail(domain::validation_error("to-invalid", "to", "to must hold exactly one of user, store and company."));
  }
  if (to.user) {
    return domain::UserId::parse(std::move(*to.user)).map([&](const auto& user) {
      return ChannelKey::inbox(company, user);
    });
  }
  if (to.store) {
    return domain::StoreId::parse(std::move(*to.store)).map([&](const auto& store) {
      return ChannelKey::inbox(company, store);
    });
  }
  return domain::CompanyId::parse(std::move(*to.company)).map([](const auto& whole) {
    return ChannelKey::inbox(whole);
  });
}

Result<void> require_notify(const domain::Credential& who, const ChannelKey& to) {
  if (auto named = require_named(who); !named) return named;
  if (to.company == who.company && who.may_notify(to.local_name())) return {};
  return fail(domain::forbidden("not-granted", "to", "You may not notify this recipient."));
}

}  // namespace

Result<SendNotification::Parsed> SendNotification::parse(Input input, const domain::CompanyId& sender_company) {
  auto to = parse_recipient(std::move(input.to), sender_company);
  auto key =
      parse_idempotency_key(std::move(input.idempotency_key), {to ? to->to_string() : std::string{}, input.text});
  auto parsed = domain::combine(std::move(to), domain::NotificationText::parse(std::move(input.text)), std::move(key));
  if (!parsed) return fail(std::move(parsed).error());
  auto& [inbox, text, idempotency] = *parsed;
  return Parsed{std::move(inbox), std::move(text), std::move(idempotency)};
}

Async<Result<SendNotification::Output>> SendNotification::execute(Input input, domain::Credential who) const {
  const Precondition precondition = std::move(input.precondition);
  auto parsed = parse(std::move(input), who.company);
  if (!parsed) co_return fail(std::move(parsed).error());
  if (auto allowed = require_notify(who, parsed->to); !allowed) co_return fail(std::move(allowed).error());
  if (auto holds = require(precondition, {.exists = false}); !holds) co_return fail(std::move(holds).error());
  domain::Notification notification{.id = domain::NotificationId{needs_.ids.next()},
                                    .to = std::move(parsed->to),
                                    .sender = who.user,
                                    .text = std::move(parsed->text),
                                    .created_at = needs_.clock.now()};
  auto added = co_await needs_.notifications.add(std::move(notification), std::move(parsed->key));
  if (!added) co_return fail(std::move(added).error());
  if (!added->replayed) needs_.events.publish(domain::NotificationSent{added->notification}, added->position.epoch);
  co_return Output{std::move(added->notification), added->replayed, std::move(added->position)};
}

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

domain::Result<Watch> WatchNotifications::execute(const Input& input, const domain::Credential& who) const {
  auto inboxes = inboxes_of(who);
  if (!inboxes) return domain::fail(std::move(inboxes).error());
  Watch watch;
  watch.delivery = input.delivery;
  watch.merged = true;
  for (auto& inbox : *inboxes) {
    auto after = input.after ? input.after->in(inbox) : std::nullopt;
    watch.channels.push_back({std::move(inbox), std::move(after), input.seen ? ReadFrom::master : ReadFrom::replica});
  }
  return watch;
}

}  // namespace danwa::usecase
