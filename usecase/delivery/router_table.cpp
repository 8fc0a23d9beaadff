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
  effects_.emplace_back(Announce{&found->second->watchers, FrameBatch{frame}});
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
  if (ch.outbox.empty() || ch.dirty) return;
  ch.dirty = true;
  dirty_.push_back(&ch);
}

void RouterTable::announce_outbox(RouterChannel& ch) {
  if (!ch.outbox.empty() && !ch.watchers.empty()) effects_.emplace_back(Announce{&ch.watchers, std::move(ch.outbox)});
  ch.outbox.clear();
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

// Starts and heads. A watcher starts at a head that is not older than its arrival. A head that is known costs no read;
// otherwise all watchers that come at once share one. A replica may answer, unless the cursor lies beyond its head:
// then the replica may be behind, or the cursor is of another log, and only the master can tell the two apart. A watch
// that starts at the head of a replica may lack updates that nobody announces any more, so the master's head follows.

namespace {

/// Whether `after` cannot be served by a log of this epoch and head.
bool is_beyond(const domain::Cursor& after, const domain::Epoch& epoch, domain::Seq head) {
  return after.seq > head || (after.epoch && *after.epoch != epoch);
}

}  // namespace

/// Adds the registration before it looks for the head: an update that comes in between reaches the watcher, which drops
/// it if it lies below its start. The other order could lose it.
void RouterTable::watch(RegistrationPtr who) {
  RouterChannel& ch = channel(who->watch().channel);
  who->channel_ = &ch;
  who->index_ = ch.watchers.size();
  ch.watchers.push_back(who);
  figures_.router_entries.add();
  if (ch.watchers.size() == 1) effects_.emplace_back(ChannelWatched{ch.key});
  const auto& after = who->watch().after;
  const bool known = ch.order.known() && !epoch_.empty();
  if (known && after && !is_beyond(*after, epoch_, ch.order.head())) {
    start(who, ch.order.head(), false);
    if (ch.watchers.size() == 1) check_log(ch.key);  // without watchers a late frame may have been taken for the head
    return;
  }
  want_head(ch, who, (known && after.has_value()) || who->watch().now == ReadFrom::master);
}

void RouterTable::on_epoch(const domain::Epoch& epoch) { learn_epoch(epoch, ReadFrom::master); }

void RouterTable::check_log(const domain::ChannelKey& key) {
  const auto found = channels_.find(key);
  if (found == channels_.end() || found->second->watchers.empty() || found->second->look_queued) return;
  found->second->look_queued = true;
  looks_.push_back(key);
  run_looks();
}

void RouterTable::look_at_log_everywhere() {
  for (const auto& [key, ch] : channels_) {
    if (ch->watchers.empty() || ch->look_queued) continue;
    ch->look_queued = true;
    looks_.push_back(key);
  }
  run_looks();
}

void RouterTable::on_head(ReadToken token, const std::optional<usecase::UpdateLog::Head>& head, Time now) {
  const auto read = finish(token);
  if (!read) return;
  RouterChannel& ch = *read->channel;
  if (read->look) --looks_running_;
  if (!read->stale) {
    ch.heads.token = 0;
    if (!head) {
      for (auto& who : std::exchange(ch.heads.waiting, {})) {
        if (who->channel_ == &ch) effects_.emplace_back(CloseWatch{who});
      }
    } else if (learn_epoch(head->epoch, read->from)) {
      take_head(*read, *head, now);
    } else if (read->from == ReadFrom::replica) {  // a replica of another log: the master decides
      for (auto& who : std::exchange(ch.heads.waiting, {})) want_head(ch, who, true);
    }
    begin_head_round(ch);
  }
  run_looks();
  let_go(ch);
}

void RouterTable::want_head(RouterChannel& ch, const RegistrationPtr& who, bool from_master) {
  who->needs_master_ = from_master;
  ch.heads.next.push_back(who);
  begin_head_round(ch);
}

/// At most one read of the head runs per channel. A registration that comes while it runs waits for the next one.
void RouterTable::begin_head_round(RouterChannel& ch) {
  HeadRound& heads = ch.heads;
  if (heads.token != 0) return;
  std::erase_if(heads.next, [&ch](const auto& who) { return who->channel_ != &ch; });
  if (heads.next.empty() && !heads.wanted) return;
  const auto needs_master = [](const auto& who) { return who->needs_master_; };
  const bool master =
      std::exchange(heads.wanted, false) || std::any_of(heads.next.begin(), heads.next.end(), needs_master);
  const auto from = master ? ReadFrom::master : ReadFrom::replica;
  heads.waiting = std::exchange(heads.next, {});
  heads.token = ++token_;
  ++ch.reads_running;
  PendingRead read{
      .channel = &ch, .kind = PendingRead::Kind::head, .from = from, .head_before = ch.order.head(), .waiters = {}};
  pending_.emplace(heads.token, std::move(read));
  effects_.emplace_back(ReadHead{heads.token, ch.key, from});
}

void RouterTable::take_head(const PendingRead& read, const usecase::UpdateLog::Head& head, Time now) {
  RouterChannel& ch = *read.channel;
  if (read.from == ReadFrom::master && head.seq < read.head_before) return restart(ch);  // the log went back
  if (!ch.order.known()) ch.order.start_at(head.seq);
  mark_possibly_behind(ch, head.seq, now + options_.repair_after);
  for (const auto& who : std::exchange(ch.heads.waiting, {})) answer_head(ch, who, head.seq, read.from);
  if (options_.replicas && read.from == ReadFrom::replica && !ch.watchers.empty()) ch.heads.wanted = true;
}

void RouterTable::answer_head(RouterChannel& ch, const RegistrationPtr& who, domain::Seq log_head, ReadFrom from) {
  if (who->channel_ != &ch) return;
  const domain::Seq head = std::max(log_head, ch.order.head());
  const auto& after = who->watch().after;
  const bool held_former = who->started_;  // updates of the former log
  const bool is_void = held_former || (after && is_beyond(*after, epoch_, head));
  if (is_void && !held_former && from == ReadFrom::replica) return want_head(ch, who, true);
  start(who, head, is_void);
}

void RouterTable::start(const RegistrationPtr& who, domain::Seq head, bool reset) {
  who->started_ = true;
  effects_.emplace_back(StartWatch{who, epoch_, head, reset});
}

/// True: `epoch` is the present one. Another epoch becomes the present one only if the master named it: a replica may
/// still hold the former log.
bool RouterTable::learn_epoch(const domain::Epoch& epoch, ReadFrom from) {
  if (epoch_.empty()) epoch_ = epoch;
  if (epoch_ == epoch) return true;
  if (from == ReadFrom::master) change_epoch(epoch);
  return false;
}

void RouterTable::change_epoch(const domain::Epoch& epoch) {
  epoch_ = epoch;
  std::vector<RouterChannel*> all;
  for (const auto& [key, ch] : channels_) all.push_back(ch.get());
  for (RouterChannel* ch : all) restart(*ch);
}

/// The log was replaced or went back: everything known of the channel is void. Reads under way are marked stale, so
/// their answers change nothing. The watchers stay registered and start again at the master's head.
void RouterTable::restart(RouterChannel& ch) {
  for (const ReadToken token : ch.reads) pending_.at(token).stale = true;
  if (ch.heads.token != 0) pending_.at(ch.heads.token).stale = true;
  ch.reads.clear();
  ch.heads = HeadRound{};
  ch.outbox.clear();
  ch.repairing = false;
  if (ch.watchers.empty()) return invalidate(ch);
  effects_.emplace_back(RestartWatches{&ch.watchers});
  invalidate(ch);
  for (const auto& who : ch.watchers) {
    who->needs_master_ = true;
    ch.heads.next.push_back(who);
  }
  begin_head_round(ch);
}

/// After a reconnect of the bus every watched channel may have missed something. Their heads are read kMaxLooks at a
/// time, so the log is not flooded.
void RouterTable::run_looks() {
  while (looks_running_ < kMaxLooks && !looks_.empty()) {
    const auto found = channels_.find(looks_.front());
    looks_.pop_front();
    if (found == channels_.end() || !found->second->look_queued) continue;
    RouterChannel& ch = *found->second;
    ch.look_queued = false;
    if (ch.watchers.empty()) continue;
    ch.heads.wanted = true;
    if (ch.heads.token != 0) continue;  // read again as soon as the read under way is in
    begin_head_round(ch);
    pending_.at(ch.heads.token).look = true;
    ++looks_running_;
  }
}

}  // namespace danwa::delivery
