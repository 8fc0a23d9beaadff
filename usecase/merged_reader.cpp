#include "usecase/merged_reader.hpp"

#include <algorithm>
#include <utility>

// A caller may have 66 inboxes, and an order by time needs the next update of each. Reading a whole page of every inbox
// would hold 66 pages in memory. Each read of one inbox therefore takes its share of two pages: with n inboxes, 2/n of
// a page. An inbox that holds most of the new updates is read several times; that costs queries, but the memory stays
// bounded.

namespace danwa::usecase {

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
  domain::MergedCursor cursor;
  for (const auto& source : sources_) {
    auto head = co_await log_.head(source.channel, ReadFrom::master);
    if (!head) co_return fail(std::move(head).error());
    cursor.epoch = head->epoch;
    cursor.seqs.emplace(source.channel.local_name(), head->seq);
  }
  if (const auto now = co_await log_.position()) told_.saw(*now);
  co_return cursor;
}

}  // namespace danwa::usecase
