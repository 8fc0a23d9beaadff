#pragma once

#include "explore_state.hpp"

namespace danwa::delivery {

// The digest of a RouterTable; see explore_state.hpp. An exploration has one channel.

inline void Exploration::add(Digest& digest, const RouterTable& of, Time now,
                             std::span<const Subscriber* const> clients) {
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
    const auto& [key_, serial_, watchers, order, tail, removals, outbox, ephemeral, is_dirty, announcing, log_head,
                 repair_due, repairing, wake, heads, look_queued, reads, reads_running, budgeted, recent] = *channel;
    add_watchers(digest, watchers);
    add(digest, order, now);
    digest.add(tail.size());
    for (auto seq = tail.empty() ? 1 : tail.first(); !tail.empty() && seq <= tail.last(); ++seq) {
      add(digest, *tail.find(seq));
    }
    add(digest, outbox);
    digest.add((order.known() && log_head <= order.head() ? 0 : log_head) << 8 | is_dirty | repairing << 1 |
               look_queued << 2 | heads.wanted << 3 | announcing << 4);
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
    for (const auto& [who, request] : waiters) {
      if (who->channel_ == nullptr) continue;
      const auto client = client_of(who);
      digest.add(client + 1);
      digest.add(current(*clients[client], request.id));
      add(digest, request);
    }
    digest.add(0);
  }
}

}  // namespace danwa::delivery
