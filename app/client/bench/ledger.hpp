#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace danwa::app::bench {

/// The number of violations of each kind. A run is fine if all are 0.
struct Violations {
  std::uint64_t lost = 0;        ///< acknowledged, and not seen by a watcher or not in the log
  std::uint64_t duplicated = 0;  ///< seen twice by one watcher, or twice in the log
  std::uint64_t reordered = 0;   ///< out of order, or acknowledged under another seq than seen
  std::uint64_t foreign = 0;     ///< a text that this run did not send there
  std::uint64_t resets = 0;      ///< a watcher received `reset`
  std::uint64_t sum() const { return lost + duplicated + reordered + foreign + resets; }
};

/// Compares acknowledged posts with seen updates, for each conversation.
class Ledger {
 public:
  explicit Ledger(std::size_t conversations) : channels_(conversations) {}

  /// A post was acknowledged under `seq`.
  void acknowledged(std::size_t conversation, std::uint64_t seq, std::uint64_t hash, std::int64_t at_us);

  /// A watcher or the log shows `hash` under `seq`. Returns the time of its acknowledgement (us); 0: none yet.
  std::int64_t seen(std::size_t conversation, std::uint64_t seq, std::uint64_t hash);

  /// The same for a seq without a text of this run: another kind of update, or a text that was removed since.
  std::int64_t passed(std::size_t conversation, std::uint64_t seq);

  /// A post ended without an answer: it is in the log once or not at all.
  void unknown(std::uint64_t hash) { unknown_.insert(hash); }

  /// A watcher received `seq` in the place of `expected`.
  void out_of_turn(std::uint64_t seq, std::uint64_t expected);
  void lost(std::uint64_t count) { violations_.lost += count; }
  void reset() { ++violations_.resets; }

  /// The highest acknowledged seq.
  std::uint64_t head(std::size_t conversation) const { return channels_[conversation].head; }
  std::uint64_t acknowledged_total() const { return acknowledged_; }

  /// Ends the run: counts repeated and foreign texts. With `complete` also every unknown seq below the head.
  const Violations& close(bool complete);

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::int64_t acknowledged_us = 0;
    bool known = false;   ///< acknowledged or seen
    bool hashed = false;  ///< `hash` is set
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
