#include <algorithm>
#include <utility>

#include "usecase/delivery/router_table.hpp"

namespace danwa::delivery {

// A watcher starts at a head that is not older than its arrival, or at the one that its access check has found. A head
// that is known costs no read; otherwise all watchers that come at once share one. A replica may answer, unless the
// cursor lies beyond its head: then the replica may be behind, or the cursor is of another log, and only the master can
// tell the two apart. A watch that starts at the head of a replica may lack updates that nobody announces any more, so
// the master's head follows.

namespace {

/// Whether `after` cannot be served by a log of this epoch and head.
bool is_beyond(const domain::Cursor& after, const domain::Epoch& epoch, domain::Seq head) {
  return after.seq > head || (after.epoch && *after.epoch != epoch);
}

}  // namespace

/// Adds the registration before it looks for the head: an update that comes in between reaches the watcher, which drops
/// it if it lies below its start. The other order could lose it.
void RouterTable::watch(RegistrationPtr who, Time now, std::optional<domain::Seq> told) {
  RouterChannel& ch = channel(who->watch().channel);
  who->channel_ = &ch;
  who->index_ = ch.watchers.size();
  ch.watchers.push_back(who);
  figures_.router_entries.add();
  if (ch.watchers.size() == 1) effects_.emplace_back(ChannelWatched{ch.key});
  if (take_checked_head(ch, *who, now)) {
    start(who, std::max(who->watch().head->seq, ch.order.head()), false);
    return told ? mark_possibly_behind(ch, *told, now + options_.repair_after) : check_log(ch.key);
  }
  const auto& after = who->watch().after;
  const bool known = ch.order.known() && !epoch_.empty();
  if (known && after && !is_beyond(*after, epoch_, ch.order.head())) {
    start(who, ch.order.head(), false);
    if (ch.watchers.size() == 1) check_log(ch.key);  // without watchers a late frame may have been taken for the head
    return;
  }
  want_head(ch, who, (known && after.has_value()) || who->watch().now == ReadFrom::master);
}

/// The access check has found a head of the log a moment ago. It may be beyond what the bus has brought. True: the
/// watcher can start at it.
bool RouterTable::take_checked_head(RouterChannel& ch, const Registration& who, Time now) {
  const auto& [channel, after, from, head] = who.watch();
  if (!head || epoch_.empty() || head->epoch != epoch_) return false;
  if (!ch.order.known()) ch.order.start_at(head->seq);
  mark_possibly_behind(ch, head->seq, now + options_.repair_after);
  return !after || !is_beyond(*after, epoch_, std::max(head->seq, ch.order.head()));
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
