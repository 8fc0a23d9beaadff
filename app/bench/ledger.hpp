#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace danwa::bench {

/// A fast 64-bit hash of a text, eight bytes at a time. It only distinguishes the texts of one run.
inline std::uint64_t text_hash(std::string_view text) {
  constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15ULL;
  std::uint64_t hash = text.size() * kPrime + 0xD6E8FEB86659FD93ULL;
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32;
  };
  while (text.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    mix(word);
    text.remove_prefix(8);
  }
  std::uint64_t last = 0;
  if (!text.empty()) std::memcpy(&last, text.data(), text.size());
  mix(last ^ 0x80);
  return hash;
}

/// The fields of a JSON frame that the load tool needs. It reads them without a JSON parser, because its own texts need
/// no escapes.
struct ScannedFrame {
  std::string_view type;    ///< "comment-added", "watching", ...
  std::string_view id;      ///< commentId
  std::string_view text;    ///< commentContent as written in the JSON; empty: none
  std::string_view cursor;  ///< of `watching` and `reset`
  std::uint64_t seq = 0;

  /// Whether it shows the text of a post: not an edit, not a removal, and the text was not removed since.
  bool shows_post() const { return type == "comment-added" && !text.empty(); }
};

/// Reads one frame. Returns nullopt if the frame has no type, or an update has no seq.
std::optional<ScannedFrame> scan_frame(std::string_view json);

/// The text between the quotes behind `opening` (`"name":"`), with its escapes; empty if absent.
std::string_view scan_text(std::string_view json, std::string_view opening);

/// The number behind `opening` (`"name":`); 0 if absent.
std::uint64_t scan_number(std::string_view json, std::string_view opening);

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

/// Writes the history of a run, one JSON object a line, in the format of tests/checker/README.md. Does nothing without
/// a file name. The constructor throws std::runtime_error if the file cannot be written.
class HistoryWriter {
 public:
  explicit HistoryWriter(const std::string& file);
  ~HistoryWriter();
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;

  struct Post {
    std::string_view node, conversation, key, id;
    std::uint64_t hash = 0;
    std::int64_t start_us = 0;
    std::int64_t end_us = 0;
    int status = 0;  ///< 0: no answer
    std::uint64_t seq = 0;
  };
  void post(const Post& post);
  void watch(std::size_t watcher, std::string_view node, std::string_view conversation, std::uint64_t after,
             std::int64_t at_us);
  void deliver(std::size_t watcher, std::string_view node, std::string_view conversation, const ScannedFrame& update,
               std::int64_t at_us);
  void log(std::string_view node, std::string_view conversation, const ScannedFrame& update, std::int64_t asked_us);

  bool on() const { return file_ != nullptr; }

 private:
  void update(const ScannedFrame& update);

  std::FILE* file_ = nullptr;
};

}  // namespace danwa::bench
