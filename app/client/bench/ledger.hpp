#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace danwa::app::bench {

/// Everything found wrong, by kind. A run is fine when all are 0.
struct Violations {
  std::uint64_t lost = 0;        ///< acknowledged, and not seen by a watcher or not in the log
  std::uint64_t duplicated = 0;  ///< seen twice by one watcher, or twice in the log
  std::uint64_t reordered = 0;   ///< out of turn, or acknowledged under another number than seen
  std::uint64_t foreign = 0;     ///< a text that nobody sent there
  std::uint64_t resets = 0;      ///< a watcher told to start afresh
  std::uint64_t sum() const { return lost + duplicated + reordered + foreign + resets; }
};

/// What was acknowledged and what was seen, conversation by conversation.
class Ledger {
 public:
  explicit Ledger(std::size_t conversations) : channels_(conversations) {}

  /// A post was acknowledged under `seq`.
  void acknowledged(std::size_t conversation, std::uint64_t seq, std::uint64_t hash, std::int64_t at_us);

  /// A watcher or the log shows `hash` under `seq`. The time of its acknowledgement; 0 when it has none yet.
  std::int64_t seen(std::size_t conversation, std::uint64_t seq, std::uint64_t hash);

  /// The same of a number that shows no text of this run: another kind of update, or a text that was taken since.
  std::int64_t passed(std::size_t conversation, std::uint64_t seq);

  /// A post that ended without an answer: it may be in the log once, or not.
  void unknown(std::uint64_t hash) { unknown_.insert(hash); }

  /// A watcher's update `seq` came where `expected` should have come.
  void out_of_turn(std::uint64_t seq, std::uint64_t expected);
  void lost(std::uint64_t count) { violations_.lost += count; }
  void reset() { ++violations_.resets; }

  /// The highest acknowledged seq.
  std::uint64_t head(std::size_t conversation) const { return channels_[conversation].head; }
  std::uint64_t acknowledged_total() const { return acknowledged_; }

  /// Once all is over: holes, doubled and foreign texts. With `complete`, every seq below the head must
  /// be known.
  const Violations& close(bool complete);

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::int64_t acknowledged_us = 0;
    bool known = false;   ///< acknowledged or seen
    bool hashed = false;  ///< its text is known
  };
  struct Channel {
    std::vector<Entry> entries;  // by seq - 1
    std::uint64_t head = 0;
  };
  Entry& entry(std::size_t conversation, std::uint64_t seq);
  void close_channel(const Channel& channel, bool complete);

  std::vector<Channel> channels_;
  std::unordered_set<std::uint64_t> unknown_;
  std::uint64_t acknowledged_ = 0;
  Violations violations_;
};

}  // namespace danwa::app::bench
