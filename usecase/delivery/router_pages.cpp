#include <algorithm>
#include <utility>

#include "usecase/delivery/router_table.hpp"
#include "usecase/delivery/subscriber.hpp"

namespace danwa::delivery {

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
  auto cached = ch.tail.slice(request.first, request.last, Subscriber::kBatch);
  if (!cached.empty()) {
    figures_.cache_pages.add();
    budget_.touch(ch);
    const auto last = cached.back()->seq();
    effects_.emplace_back(GivePage{who, Page{request.id, last, ch.order.head(), PageSource::cache, std::move(cached)}});
    return;
  }
  if (join_read(ch, who, request)) return;
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
  read_log(ch, std::move(read), Subscriber::kBatch);
}

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
      read_log(ch, std::move(*read), is_repair ? kRepairPage : Subscriber::kBatch);
    }
  }
  let_go(ch);
}

/// Waits for a read under way that will have the first update asked for, from no staler a source.
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

void RouterTable::after_repair(const PendingRead& read, domain::Seq log_head) {
  RouterChannel& ch = *read.channel;
  if (ch.log_head <= ch.order.head()) return;
  if (ch.order.head() >= read.first) {
    repair(ch, ReadFrom::replica);  // the next page of it
  } else if (read.from == ReadFrom::replica) {
    repair(ch, ReadFrom::master);
  } else if (log_head < read.first) {
    ch.log_head = log_head;  // the log never held what it was said to hold
  } else {
    restart(ch);  // the log does not hold it any more
  }
}

/// A log has no holes: a page that ends below its head ended because its text filled it. Who waits for what comes
/// behind asks again.
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
      if (answer.frames.size() < Subscriber::kBatch) answer.frames.push_back(frame);
    }
    if (answer.frames.size() == Subscriber::kBatch) answer.last = answer.frames.back()->seq();
    effects_.emplace_back(GivePage{who, std::move(answer)});
  }
}

/// One object per update: what is cached or held here already stands for what the log gave.
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

/// The read's handler is through with the channel.
void RouterTable::let_go(RouterChannel& ch) {
  --ch.reads_running;
  erase_if_idle(ch);
}

}  // namespace danwa::delivery
