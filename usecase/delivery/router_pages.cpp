#include <algorithm>
#include <utility>

#include "usecase/delivery/router_table.hpp"

namespace danwa::delivery {

// Watchers that are behind, and routers that missed an update, read the log by pages. A thousand watchers that fall
// behind together need the same page, so a request takes the cheapest source: the tail cache, a read under way that
// will have its first update, a new read. A page that continues the tail cache joins it. An update is one object per
// node: a page gives the frames that are cached or held already. So its text can be taken away in one place, for all
// that hold it.

void CacheBudget::touch(RouterChannel& channel) {
  const std::size_t now = channel.tail.bytes();
  bytes_ += now;
  bytes_ -= channel.budgeted;
  const bool was_in = channel.budgeted != 0;
  channel.budgeted = now;
  if (now == 0 && was_in) {
    recent_.erase(channel.recent);
    figures_.cached_channels.sub();
  } else if (now != 0 && was_in) {
    recent_.splice(recent_.begin(), recent_, channel.recent);
  } else if (now != 0) {
    channel.recent = recent_.insert(recent_.begin(), &channel);
    figures_.cached_channels.add();
  }
}

RouterChannel* CacheBudget::victim(const RouterChannel& keep) const {
  const bool fits = bytes_ <= limits_.bytes && recent_.size() <= limits_.channels;
  if (fits || recent_.empty() || recent_.back() == &keep) return nullptr;
  return recent_.back();
}

void RouterTable::read_page(const RegistrationPtr& who, const PageRequest& request) {
  if (who->channel_ == nullptr) return;
  RouterChannel& ch = *who->channel_;
  auto cached = ch.tail.slice(request.first, request.last, options_.page);
  if (!cached.empty()) {
    figures_.cache_pages.add();
    budget_.touch(ch);
    const auto last = cached.back()->seq();
    effects_.emplace_back(GivePage{who, Page{request.id, last, ch.order.head(), PageSource::cache, std::move(cached)}});
    return;
  }
  if (join_read(ch, who, request)) return;
  // The read ends where the cache begins: the watcher finds the rest there.
  const bool meets_cache = !ch.tail.empty() && request.first < ch.tail.first();
  const auto last = meets_cache ? std::min(request.last, ch.tail.first() - 1) : request.last;
  figures_.log_pages_read.add();
  PendingRead read{.channel = &ch,
                   .kind = PendingRead::Kind::page,
                   .from = request.from,
                   .first = request.first,
                   .last = last,
                   .waiters = {}};
  read.waiters.push_back({who, request});
  read_log(ch, std::move(read), options_.page);
}

/// No page means that the log could not be read for too long. Watchers are closed and come again; a repair tries again
/// by itself.
void RouterTable::on_updates(ReadToken token, const std::optional<LogPage>& page, Time now) {
  auto read = finish(token);
  if (!read) return;
  RouterChannel& ch = *read->channel;
  const bool is_repair = read->kind == PendingRead::Kind::repair;
  if (!read->stale) {
    if (is_repair) ch.repairing = false;
    if (!page) {
      for (const auto& waiter : read->waiters) {
        if (waiter.who->channel_ == &ch) effects_.emplace_back(CloseWatch{waiter.who});
      }
      if (is_repair) mark_possibly_behind(ch, ch.log_head, now + kRepairRetry);
    } else if (learn_epoch(page->epoch, read->from)) {
      take_page(*read, *page, now);
    } else if (read->from == ReadFrom::replica) {  // a replica of another log: the master decides
      ch.repairing = is_repair;
      read->from = ReadFrom::master;
      read_log(ch, std::move(*read), is_repair ? kRepairPage : options_.page);
    }
  }
  let_go(ch);
}

/// Joins a read under way that will have the first update of `request`. A request for the master joins only a read of
/// the master.
bool RouterTable::join_read(RouterChannel& ch, const RegistrationPtr& who, const PageRequest& request) {
  for (const ReadToken token : ch.reads) {
    PendingRead& read = pending_.at(token);
    if (request.first < read.first || read.last < request.first) continue;
    if (request.from == ReadFrom::master && read.from != ReadFrom::master) continue;
    read.waiters.push_back({who, request});
    return true;
  }
  return false;
}

void RouterTable::read_log(RouterChannel& ch, PendingRead read, std::size_t limit) {
  read.head_before = ch.order.head();
  const ReadToken token = ++token_;
  effects_.emplace_back(ReadUpdateRange{token, ch.key, read.first, read.last, limit, read.from});
  ch.reads.push_back(token);
  ++ch.reads_running;
  pending_.emplace(token, std::move(read));
}

/// Reads what the log holds above the announced head, once for all watchers of the node.
void RouterTable::repair(RouterChannel& ch, ReadFrom from) {
  if (ch.repairing || !ch.order.known() || ch.log_head <= ch.order.head()) return;
  ch.repairing = true;
  const domain::Seq first = ch.order.head() + 1;
  PendingRead read{.channel = &ch,
                   .kind = PendingRead::Kind::repair,
                   .from = from,
                   .first = first,
                   .last = std::min(ch.log_head, first + kRepairPage - 1),
                   .waiters = {}};
  read_log(ch, std::move(read), kRepairPage);
}

void RouterTable::take_page(const PendingRead& read, LogPage page, Time now) {
  RouterChannel& ch = *read.channel;
  if (read.from == ReadFrom::master && page.head < read.head_before) return restart(ch);  // the log went back
  make_canonical(ch, page.frames, now);
  for (const auto& frame : page.frames) {
    if (ch.order.known() && frame->seq() == ch.order.head() + 1) take_in(ch, frame, now);
  }
  if (ch.tail.empty() && !page.frames.empty() && page.frames.back()->seq() == ch.order.head()) {
    for (const auto& frame : page.frames) ch.tail.append(frame);
  } else {
    ch.tail.prepend(page.frames);
  }
  use_cache(ch);
  give(read, page);
  if (read.kind == PendingRead::Kind::repair) after_repair(read, page.head);
  mark_possibly_behind(ch, page.head, now + options_.repair_after);
}

/// Continues the repair until the announced head reaches the log's. A page that brought something leads to the next
/// one; a replica that brought nothing may be behind, so the master is asked. If the master brings nothing either, the
/// head was wrong, or the log does not hold these updates any more. Each case makes progress or ends, so a repair never
/// loops.
void RouterTable::after_repair(const PendingRead& read, domain::Seq log_head) {
  RouterChannel& ch = *read.channel;
  if (ch.log_head <= ch.order.head()) return;
  if (ch.order.head() >= read.first) {
    repair(ch, ReadFrom::replica);  // the next page of it
  } else if (read.from == ReadFrom::replica) {
    repair(ch, ReadFrom::master);
  } else if (log_head < read.first) {
    ch.log_head = log_head;  // the claim was wrong: the log ends before it
  } else {
    restart(ch);  // the log does not hold it any more
  }
}

/// A log has no holes. So a page that ends below both its head and its last number was cut by its size in bytes, and a
/// waiter whose updates lie behind that cut asks again.
void RouterTable::give(const PendingRead& read, const LogPage& page) {
  const auto source = read.from == ReadFrom::master ? PageSource::master : PageSource::replica;
  const bool filled = !page.frames.empty() && page.frames.back()->seq() < std::min(read.last, page.head);
  const auto last = filled ? page.frames.back()->seq() : read.last;
  for (const auto& [who, request] : read.waiters) {
    if (who->channel_ != read.channel) continue;
    if (request.first > last) {
      read_page(who, request);
      continue;
    }
    Page answer{request.id, std::min(request.last, last), page.head, source, {}};
    for (const auto& frame : page.frames) {
      if (frame->seq() < request.first || frame->seq() > answer.last) continue;
      if (answer.frames.size() < options_.page) answer.frames.push_back(frame);
    }
    if (answer.frames.size() == options_.page) answer.last = answer.frames.back()->seq();
    effects_.emplace_back(GivePage{who, std::move(answer)});
  }
}

/// Replaces frames of the log by those that are cached or held here. New ones are screened: a page that was read before
/// a removal still has the text.
void RouterTable::make_canonical(RouterChannel& ch, FrameBatch& frames, Time now) {
  for (auto& frame : frames) {
    FramePtr known = ch.tail.find(frame->seq());
    if (!known) known = ch.order.held(frame->seq());
    if (known) {
      frame = std::move(known);
    } else {
      screen(ch, frame, now);
    }
  }
}

std::optional<PendingRead> RouterTable::finish(ReadToken token) {
  auto found = pending_.find(token);
  if (found == pending_.end()) return std::nullopt;
  PendingRead read = std::move(found->second);
  pending_.erase(found);
  std::erase(read.channel->reads, token);
  return read;
}

/// The last step of each read's handler. Until then the read keeps the channel alive.
void RouterTable::let_go(RouterChannel& ch) {
  --ch.reads_running;
  erase_if_idle(ch);
}

}  // namespace danwa::delivery
