#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

namespace danwa::bench {

/// The comments of a run that are under way. A comment is in flight from its sending until it is answered and every
/// watcher of its conversation has received it. Without a limit nothing is counted. Runs on: the load tool's thread.
///
/// Answers alone are no measure: posters that wait for nothing else run ahead of the watchers, until a full batch waits
/// for every socket. People who type do not, because they read what the others wrote.
class InFlight {
 public:
  /// A comment that a watcher still lacks this long (us) after its answer holds up nobody. The ledger judges it.
  static constexpr std::int64_t kPatience = 2'000'000;

  /// `limit` 0: no limit. Watcher i watches the conversation i modulo `conversations`.
  InFlight(std::size_t limit, std::size_t conversations, std::size_t watchers);

  /// No further comment may be sent now.
  bool full() const { return limit_ > 0 && count_ >= limit_; }

  /// A comment leaves. One call of `acknowledged` or `ended` must follow.
  void sent() { count_ += limit_ > 0 ? 1 : 0; }
  void acknowledged(std::size_t conversation, std::uint64_t seq, std::int64_t now_us);
  /// The comment was refused, or its fate is unknown.
  void ended() { count_ -= limit_ > 0 ? 1 : 0; }

  /// One watcher received `seq`, or was told that it missed it.
  void received(std::size_t conversation, std::uint64_t seq);
  /// A watcher that received every seq below `next_seq` is gone for good: no comment waits for it.
  void watcher_gone(std::size_t conversation, std::uint64_t next_seq);

  /// Lets go of comments that waited for their watchers longer than `kPatience`.
  void expire(std::int64_t now_us);
  /// The number of comments that were let go.
  std::uint64_t expired() const { return expired_; }

 private:
  struct Comment {
    std::size_t receivers = 0;
    bool acknowledged = false;
  };
  struct Waiting {
    std::int64_t since_us = 0;
    std::uint64_t key = 0;
  };
  std::uint64_t key(std::size_t conversation, std::uint64_t seq) const { return seq * watchers_.size() + conversation; }
  void settle(std::uint64_t key);

  const std::size_t limit_;
  std::size_t count_ = 0;
  std::uint64_t expired_ = 0;
  std::vector<std::size_t> watchers_;                    // by conversation; empty without a limit
  std::unordered_map<std::uint64_t, Comment> comments_;  // in flight, by key
  std::deque<Waiting> waiting_;                          // acknowledged, oldest first; some are settled since
};

}  // namespace danwa::bench
