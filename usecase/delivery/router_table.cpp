#include "usecase/delivery/router_table.hpp"

#include <algorithm>
#include <utility>

namespace danwa::delivery {

// The two paths of an update meet in the router. The bus brings the update itself (announce), the tail of the log
// brings only the new head of a channel (on_growth). Either may be late, doubled or missing. The state of a channel
// follows from two numbers: `order.head()`, the highest seq announced here, and `log_head`, the highest in the log.
//
//               a head was read, or a first frame              log_head > order.head()
//     unknown ────────────────────────────────────> up to date ───────────────────────> possibly behind
//        ^                                              ^                                      │
//        │                                              └─ by the bus in 20 ms, else a repair ─┘
//        └── restart, from any state: a new epoch, or the log went back
//
// So the announced head of a watched channel always reaches the log's. A number that was passed over on the way is a
// hole at each watcher, which reads a page for it. The table calls nobody: it leaves effects, which its actor carries
// out, so the simulation runs it without actors, threads or a clock.
//
// A channel with a crowd of watchers has one announcement on its way at a time; what comes meanwhile gathers for the
// next one. So posts at full speed cost each watcher one turn for many of them, and the turns of other channels come in
// between. If more gathers than a subscriber can hold, the newest stay, and the watchers read the others as pages.

RouterTable::RouterTable(Options options, DeliveryFigures& figures)
    : options_{std::move(options)}, figures_{figures}, budget_{options_.caches, figures}, epoch_{options_.epoch} {}

RouterTable::~RouterTable() {
  for (const auto& who : registrations()) {
    who->channel_ = nullptr;
    figures_.router_entries.sub();
  }
}

/// The last watcher moves into the gap, so a channel with thousands of watchers loses one in constant time.
void RouterTable::unwatch(const RegistrationPtr& who) {
  RouterChannel* const ch = std::exchange(who->channel_, nullptr);
  if (ch == nullptr) return;
  auto& watchers = ch->watchers;
  watchers.back()->index_ = who->index_;
  std::swap(watchers[who->index_], watchers.back());
  watchers.pop_back();
  figures_.router_entries.sub();
  if (watchers.empty()) effects_.emplace_back(ChannelUnwatched{ch->key});
  erase_if_idle(*ch);
}

void RouterTable::announce(const FramePtr& frame, Time now) {
  if (frame->kind() == FrameKind::ephemeral) return pass_on(frame);
  if (!is_foreign(*frame)) return take_in(channel(frame->channel()), frame, now);
  figures_.bus_foreign.add();
  check_log(frame->channel());
}

/// A frame of another epoch belongs to a former log, or to a new one that this router does not know yet. The log
/// decides which, so its head is read.
bool RouterTable::is_foreign(const Frame& frame) const {
  return !epoch_.empty() && !frame.epoch().empty() && frame.epoch() != epoch_;
}

/// A frame that is not in the log goes to the present watchers, and nothing remembers it.
void RouterTable::pass_on(const FramePtr& frame) {
  const auto found = channels_.find(frame->channel());
  if (found == channels_.end() || found->second->watchers.empty()) return;
  RouterChannel& ch = *found->second;
  if (ch.announcing) {
    ch.ephemeral = frame;
  } else {
    emit(ch, FrameBatch{frame});
  }
}

void RouterTable::on_growth(const Growth& growth, Time now) {
  const auto found = channels_.find(growth.channel);
  if (found != channels_.end()) mark_possibly_behind(*found->second, growth.head, now + options_.repair_after);
}

std::optional<Time> RouterTable::next_due() const {
  if (times_.empty()) return std::nullopt;
  return times_.begin()->first.first;
}

void RouterTable::tick(Time now) {
  while (!times_.empty() && times_.begin()->first.first <= now) {
    RouterChannel& ch = *times_.begin()->second;
    times_.erase(times_.begin());
    ch.wake.reset();
    ready_.clear();
    ch.order.release(now, ready_);
    send_out(ch, ready_);
    const bool repair_now = ch.repair_due && *ch.repair_due <= now;
    if (repair_now) ch.repair_due.reset();
    if (repair_now && ch.log_head > ch.order.head()) {
      if (ch.watchers.empty()) {  // nobody needs the repair: the next watcher finds the head afresh
        invalidate(ch);
        continue;
      }
      figures_.tail_repairs.add();
      repair(ch, ReadFrom::replica);
    }
    schedule(ch);
  }
}

void RouterTable::flush() {
  for (RouterChannel* ch : std::exchange(dirty_, {})) {
    ch->dirty = false;
    announce_outbox(*ch);
  }
}

void RouterTable::on_announced(const domain::ChannelKey& channel) {
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return;
  RouterChannel& ch = *found->second;
  ch.announcing = false;
  announce_outbox(ch);
  if (ch.ephemeral && !ch.announcing) emit(ch, FrameBatch{std::exchange(ch.ephemeral, nullptr)});
}

std::vector<RegistrationPtr> RouterTable::registrations() const {
  std::vector<RegistrationPtr> all;
  for (const auto& [key, ch] : channels_) all.insert(all.end(), ch->watchers.begin(), ch->watchers.end());
  return all;
}

std::vector<domain::ChannelKey> RouterTable::watched() const {
  std::vector<domain::ChannelKey> all;
  for (const auto& [key, ch] : channels_) {
    if (!ch->watchers.empty()) all.push_back(key);
  }
  return all;
}

const RouterChannel* RouterTable::find(const domain::ChannelKey& key) const {
  const auto found = channels_.find(key);
  return found == channels_.end() ? nullptr : found->second.get();
}

RouterChannel& RouterTable::channel(const domain::ChannelKey& key) {
  auto& slot = channels_[key];
  if (!slot) slot = std::make_unique<RouterChannel>(key, ++serial_, options_.tail);
  return *slot;
}

/// A channel stays while it is watched or cached, or while a read for it runs.
void RouterTable::erase_if_idle(RouterChannel& ch) {
  if (!ch.watchers.empty() || ch.reads_running != 0 || !ch.tail.empty()) return;
  if (ch.wake) times_.erase({*ch.wake, ch.serial});
  if (ch.dirty) std::erase(dirty_, &ch);
  const auto found = channels_.find(ch.key);
  channels_.erase(found);
}

/// Back to `unknown`: nothing is assumed about the channel any more.
void RouterTable::invalidate(RouterChannel& ch) {
  if (ch.watchers.empty() && ch.heads.token != 0) {  // its answer may be older than the head that is forgotten here
    pending_.at(ch.heads.token).stale = true;
    ch.heads = HeadRound{};
  }
  ch.order.reset();
  ch.tail.clear();
  budget_.touch(ch);
  ch.log_head = 0;
  ch.repair_due.reset();
  schedule(ch);
  erase_if_idle(ch);
}

void RouterTable::use_cache(RouterChannel& ch) {
  budget_.touch(ch);
  while (RouterChannel* const victim = budget_.victim(ch)) {
    victim->tail.clear();
    budget_.touch(*victim);
    if (victim->watchers.empty()) invalidate(*victim);
  }
}

void RouterTable::take_in(RouterChannel& ch, FramePtr frame, Time now) {
  screen(ch, frame, now);
  ready_.clear();
  ch.order.take(std::move(frame), now, ready_);
  send_out(ch, ready_);
  if (ch.wake || ch.order.waiting() != 0) schedule(ch);
}

void RouterTable::send_out(RouterChannel& ch, FrameBatch& frames) {
  if (frames.empty()) return;
  for (auto& frame : frames) {
    ch.tail.append(frame);
    if (!ch.watchers.empty()) ch.outbox.push_back(std::move(frame));
  }
  use_cache(ch);
  if (ch.outbox.size() >= kMaxOutbox) announce_outbox(ch);  // a subscriber's buffer holds no more
  if (ch.outbox.size() > kMaxOutbox) ch.outbox.erase(ch.outbox.begin(), ch.outbox.end() - kMaxOutbox);
  if (ch.outbox.empty() || ch.dirty || ch.announcing) return;
  ch.dirty = true;
  dirty_.push_back(&ch);
}

void RouterTable::announce_outbox(RouterChannel& ch) {
  if (ch.outbox.empty() || ch.announcing) return;
  emit(ch, std::exchange(ch.outbox, {}));
}

void RouterTable::emit(RouterChannel& ch, FrameBatch frames) {
  if (ch.watchers.empty()) return;
  Announce announce{&ch.watchers, std::move(frames), std::nullopt};
  if (is_crowd(ch)) announce.crowd = ch.key;
  ch.announcing = announce.crowd.has_value();
  effects_.push_back(std::move(announce));
}

/// Takes the text of a removed or redacted comment out of every frame that the router holds, and out of `frame` if its
/// removal came first.
void RouterTable::screen(RouterChannel& ch, const FramePtr& frame, Time now) {
  ch.removals.screen(*frame);
  if (!frame->takes_text()) return;
  const domain::CommentId& comment = *frame->comment();
  const domain::Seq before = frame->seq();
  ch.removals.remember(comment, now, before);
  ch.tail.redact(comment, before);
  ch.order.redact(comment, before);
  for (const auto& waiting : ch.outbox) redact_text_of(*waiting, comment, before);
}

void RouterTable::schedule(RouterChannel& ch) {
  auto wake = ch.order.due();
  if (ch.repair_due && (!wake || *ch.repair_due < *wake)) wake = ch.repair_due;
  if (wake == ch.wake) return;
  if (ch.wake) times_.erase({*ch.wake, ch.serial});
  ch.wake = wake;
  if (wake) times_.emplace(std::pair{*wake, ch.serial}, &ch);
}

/// The repair waits a little, because the bus mostly brings the update by then, and the read is saved.
void RouterTable::mark_possibly_behind(RouterChannel& ch, domain::Seq log_head, Time due) {
  ch.log_head = std::max(ch.log_head, log_head);
  if (!ch.order.known() || ch.log_head <= ch.order.head() || ch.repair_due || ch.repairing) return;
  ch.repair_due = due;
  schedule(ch);
}

}  // namespace danwa::delivery
