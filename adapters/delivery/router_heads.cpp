#include <algorithm>
#include <utility>

#include "adapters/delivery/router_table.hpp"

namespace danwa::adapters {
namespace {

/// Whether `after` cannot be served by a log of this epoch and head.
bool is_beyond(const domain::Cursor& after, const domain::Epoch& epoch, domain::Seq head) {
  return after.seq > head || (after.epoch && *after.epoch != epoch);
}

}  // namespace

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
    if (ch.watchers.size() == 1)
      look_at_log(ch.key);  // while nobody watched, a late frame may have passed for the head
    return;
  }
  want_head(ch, who, (known && after.has_value()) || who->watch().now == ReadFrom::master);
}

void RouterTable::on_epoch(const domain::Epoch& epoch) { learn_epoch(epoch, ReadFrom::master); }

void RouterTable::look_at_log(const domain::ChannelKey& key) {
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
        if (who->channel_ == &ch) effects_.emplace_back(EndWatch{who});
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
  suspect(ch, head.seq, now + options_.repair_after);
  for (const auto& who : std::exchange(ch.heads.waiting, {})) settle(ch, who, head.seq, read.from);
}

void RouterTable::settle(RouterChannel& ch, const RegistrationPtr& who, domain::Seq log_head, ReadFrom from) {
  if (who->channel_ != &ch) return;
  const domain::Seq head = std::max(log_head, ch.order.head());
  const auto& after = who->watch().after;
  if (who->started_) {  // before a restart
    start(who, head, true);
  } else if (!after || !is_beyond(*after, epoch_, head)) {
    start(who, head, false);
  } else if (from == ReadFrom::replica) {
    want_head(ch, who, true);
  } else {
    start(who, head, true);
  }
}

void RouterTable::start(const RegistrationPtr& who, domain::Seq head, bool reset) {
  who->started_ = true;
  effects_.emplace_back(StartWatch{who, epoch_, head, reset});
}

/// True when `epoch` is the present one; another one told by the master becomes the present one.
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

/// What was known of the channel is void; its watchers start again at the master's head.
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

}  // namespace danwa::adapters
