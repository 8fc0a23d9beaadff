#pragma once

#include "explore_state.hpp"

namespace danwa::delivery {

// The copy and the digest of a RouterTable; see explore_state.hpp. Channels, times and reads point at each other, so a
// copy is put together anew. An exploration has one channel.

inline RegistrationPtr Exploration::copy(const RegistrationPtr& of, CopiedRegistrations& copies) {
  for (const auto& [from, to] : copies) {
    if (from == of.get()) return to;
  }
  const auto& from = static_cast<const ExploredRegistration&>(*of);
  auto to = std::make_shared<ExploredRegistration>(from.watch_, from.client);
  to->index_ = from.index_;
  to->started_ = from.started_;
  to->needs_master_ = from.needs_master_;
  copies.emplace_back(of.get(), to);
  return to;
}

inline std::unique_ptr<RouterTable> Exploration::copy(const RouterTable& from, CopiedRegistrations& known,
                                                      DeliveryFigures& figures) {
  const auto& [options, figures_, budget, epoch, channels, times, pending, looks, looks_running, dirty, effects, ready,
               serial, token] = from;
  auto to = std::make_unique<RouterTable>(options, figures);
  to->epoch_ = epoch;
  to->looks_ = looks;
  to->looks_running_ = looks_running;
  to->serial_ = serial;
  to->token_ = token;
  const auto copies = [&known](const std::vector<RegistrationPtr>& all) {
    std::vector<RegistrationPtr> out;
    out.reserve(all.size());
    for (const auto& who : all) out.push_back(copy(who, known));
    return out;
  };
  RouterChannel* copied = nullptr;
  for (const auto& [key, channel] : channels) {
    auto& place = to->channels_[key];
    place = std::make_unique<RouterChannel>(key, channel->serial, options.tail);
    RouterChannel& ch = *(copied = place.get());
    ch.watchers = copies(channel->watchers);
    for (const auto& who : ch.watchers) who->channel_ = &ch;
    ch.order = channel->order;
    ch.tail = channel->tail;
    ch.removals = channel->removals;
    ch.outbox = channel->outbox;
    ch.dirty = channel->dirty;
    ch.log_head = channel->log_head;
    ch.repair_due = channel->repair_due;
    ch.repairing = channel->repairing;
    ch.wake = channel->wake;
    ch.heads = {channel->heads.token, copies(channel->heads.waiting), copies(channel->heads.next),
                channel->heads.wanted};
    ch.look_queued = channel->look_queued;
    ch.reads = channel->reads;
    ch.reads_running = channel->reads_running;
    to->budget_.touch(ch);
    if (ch.wake) to->times_.emplace(std::pair{*ch.wake, ch.serial}, &ch);
    if (ch.dirty) to->dirty_.push_back(&ch);
  }
  for (const auto& [number, read] : pending) {
    PendingRead& one =
        to->pending_
            .emplace(
                number,
                PendingRead{
                    copied, read.kind, read.from, read.first, read.last, read.head_before, read.look, read.stale, {}})
            .first->second;
    one.waiters.reserve(read.waiters.size());
    for (const auto& [who, request] : read.waiters) one.waiters.push_back({copy(who, known), request});
  }
  return to;
}

inline void Exploration::add(Digest& digest, const RouterTable& of, Time now,
                             const std::vector<std::unique_ptr<Subscriber>*>& clients) {
  const auto& [options, figures, budget, epoch, channels, times, pending, looks, looks_running, dirty, effects, ready,
               serial, token] = of;
  std::vector<ReadToken> tokens;
  tokens.reserve(pending.size());
  for (const auto& [number, read] : pending) tokens.push_back(number);
  std::sort(tokens.begin(), tokens.end());
  const auto rank = [&tokens](ReadToken number) {
    return static_cast<std::uint64_t>(std::find(tokens.begin(), tokens.end(), number) - tokens.begin());
  };
  digest.add(number(epoch) << 16 | looks.size() << 8 | looks_running << 4 | channels.size());
  for (const auto& [key, channel] : channels) {
    const auto& [key_, serial_, watchers, order, tail, removals, outbox, is_dirty, log_head, repair_due, repairing,
                 wake, heads, look_queued, reads, reads_running, budgeted, recent] = *channel;
    add(digest, watchers);
    add(digest, order, now);
    digest.add(tail.size());
    for (auto seq = tail.empty() ? 1 : tail.first(); !tail.empty() && seq <= tail.last(); ++seq) {
      digest.add(id(*tail.find(seq)));
    }
    add(digest, outbox);
    digest.add((order.known() && log_head <= order.head() ? 0 : log_head) << 8 | is_dirty | repairing << 1 |
               look_queued << 2 | heads.wanted << 3);
    digest.add(repair_due ? span(*repair_due, now) : 0);
    digest.add(wake ? span(*wake, now) : 0);
    digest.add(heads.token == 0 ? 99 : rank(heads.token));
    add(digest, heads.waiting);
    add(digest, heads.next);
    for (const auto number : reads) digest.add(rank(number));
    digest.add(reads.size() << 8 | reads_running);
  }
  for (const auto number : tokens) {
    const auto& [channel, kind, from, first, last, head_before, look, stale, waiters] = pending.at(number);
    digest.add(static_cast<std::uint64_t>(kind) | static_cast<std::uint64_t>(from) << 2 | look << 3 | stale << 4);
    digest.add(first << 32 | last << 16 | head_before);
    digest.add(waiters.size());
    for (const auto& [who, request] : waiters) {
      const auto client = client_of(who);
      digest.add(client);
      if (client == 7) continue;
      digest.add(current(**clients[client], request.id));
      add(digest, request);
    }
  }
}

}  // namespace danwa::delivery
