#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "usecase/presence/presence_note.hpp"
#include "usecase/presence/present_people.hpp"

namespace danwa::presence {

/// What this node announces: its people, and the conversations that it wants to know. Changes wait for `take`, and what
/// comes and goes in between is never announced. At most `most` people are announced; others wait until a place is
/// free. Owned by: a PresenceTable.
class PresenceSource {
 public:
  static constexpr std::size_t kAtOnce = 4096;  ///< people, and conversations, of one `take`

  explicit PresenceSource(std::size_t most) : most_{most} {}

  void set_present(const PresenceEntry& entry, bool present) { dirty_people_[entry] = present; }
  void set_wanted(const domain::ChannelKey& channel, bool wanted) { dirty_wanted_[channel] = wanted; }

  /// `take` would return something, or forget something.
  bool restless() const;

  /// `set_wanted` has said something that `take` has not given yet.
  bool wants_more() const { return !dirty_wanted_.empty(); }

  /// The changes since the last call, kAtOnce at most of each kind. From here on they are announced.
  PresenceChanges take();

  using People = std::set<domain::UserId>;

  /// The announced people of a conversation; null: nobody.
  const People* people(const domain::ChannelKey& channel) const;
  const std::set<domain::ChannelKey>& wanted() const { return wanted_; }

  std::size_t left_out() const { return waiting_.size(); }

 private:
  void settle_people(PresenceChanges& changes);
  void settle_wanted(PresenceChanges& changes);
  bool announced(const PresenceEntry& entry) const;
  void forget(const PresenceEntry& entry);

  std::size_t most_;
  std::map<PresenceEntry, bool> dirty_people_;
  std::map<domain::ChannelKey, bool> dirty_wanted_;
  std::unordered_map<domain::ChannelKey, People> people_;
  std::size_t announced_ = 0;        // of `people_`, over all conversations
  std::set<PresenceEntry> waiting_;  // present, and not announced yet
  std::set<domain::ChannelKey> wanted_;
};

/// The stream to one node. Every delta raises its version by one. The newest deltas are kept for a node that missed
/// some; one that missed more gets a snapshot. It holds no copy of the people: a snapshot is made of the source.
/// Owned by: a PresenceTable.
class PresenceStream {
 public:
  static constexpr std::size_t kHistory = 64 * 1024;  ///< bytes of kept deltas
  using Notes = std::vector<std::string>;

  /// `base`: the version before the first delta. `from` and `source` must outlive this.
  PresenceStream(const PresenceSelf& from, PresenceSelf to, const PresenceSource& source, std::uint64_t base)
      : from_{from}, to_{std::move(to)}, source_{source}, version_{base} {}

  /// The other node wants, or wants no more, to know a conversation.
  void set_wanted(const domain::ChannelKey& channel, bool wanted) { turned_[channel] = wanted; }

  /// From here on `announce` has an effect. What the other node wants is known.
  void start() { started_ = true; }
  bool started() const { return started_; }

  /// `announce` would have work of its own, beside that of the source.
  bool restless() const { return !turned_.empty() || (started_ && !ready_); }

  /// Appends the deltas for `news`, which the source has just given, and for the conversations that were turned since
  /// the last call, unless `full`: these may wait. `heard`: the version of the other direction. Without a delta it
  /// appends a beat if the other node should hear soon that its wishes are fulfilled.
  void announce(const PresenceChanges& news, std::uint64_t heard, bool full, Notes& out);

  /// Appends the notes that bring the other node from `version` up to date: deltas if all are kept, else a snapshot.
  void answer(std::uint64_t version, Notes& out) const;

  /// For a beat. Version 0 until the stream contains all that the other node wanted at the start.
  StreamState state() const { return {to_, ready_ ? version_ : 0, heard_}; }

  /// What was announced until now is known to a node that knows this version.
  std::uint64_t version() const { return version_; }

 private:
  struct Delta {
    std::uint64_t from;
    std::string note;
  };

  std::string beat() const;
  PresenceChanges select(const PresenceChanges& news, bool full);
  void turn(const domain::ChannelKey& channel, bool wanted, const PresenceChanges& news, PresenceChanges& changes);
  void send(const PresenceChanges& changes, std::uint64_t heard, Notes& out);
  PresenceHead head(PresenceNoteKind kind) const { return {kind, from_, version_, heard_}; }
  void filter(const PresenceChanges& news, PresenceChanges& changes) const;
  void append_people(const domain::ChannelKey& channel, std::vector<PresenceEntry>& out) const;
  void remember(std::uint64_t from, const std::string& note);
  void snapshot(Notes& out) const;

  const PresenceSelf& from_;
  const PresenceSelf to_;
  const PresenceSource& source_;
  std::set<domain::ChannelKey> included_;       // whose people are in the stream
  std::map<domain::ChannelKey, bool> turned_;   // wishes of the other node that wait
  std::set<domain::ChannelKey> just_included_;  // by this `announce`
  bool started_ = false;
  bool first_ = true;   // `announce` has had no effect yet
  bool ready_ = false;  // what the other node wanted at the start is in
  std::uint64_t version_;
  std::uint64_t heard_ = 0;    // the version of the other direction that the stream takes into account
  std::deque<Delta> history_;  // the newest deltas, without a gap
  std::size_t history_bytes_ = 0;
};

/// What one start of another node has told this node in its stream. Notes may come in any order, twice or never. A
/// person is removed only when that node says so or `clear` is called. Owned by: a PresenceTable.
///
/// A delta is applied only if it starts at `version`; otherwise the replica is `behind` until deltas or a snapshot
/// close the gap. The parts of a snapshot are gathered aside, and replace everything when the last one has come: nobody
/// disappears in between.
class PresenceReplica {
 public:
  /// At most `most` people, and wanted conversations, are kept; the rest is ignored.
  PresenceReplica(PeopleListener& people, std::size_t most) : people_{people}, most_{most} {}

  void on_delta(const PresenceNote& delta);
  void on_snapshot(const PresenceNote& part);

  /// A beat of the node names the state of its stream to this node.
  void on_state(const StreamState& state);

  /// The node has gone: removes all its people.
  void clear();

  std::uint64_t version() const { return version_; }

  /// A note was missed: this node must ask for the changes after `version`.
  bool behind() const { return named_ > version_; }

  /// The node has named its version, and nothing of it is missing.
  bool complete() const { return met_ && !behind(); }

  /// The version of this node's stream that the node has heard, and whose answer is in this replica.
  std::uint64_t heard() const { return heard_; }

  /// The conversations that the node began or ceased to want since the last call.
  std::vector<std::pair<domain::ChannelKey, bool>> take_turned() { return std::exchange(turned_, {}); }

 private:
  /// By channel and user; a channel alone finds all its people.
  struct Order {
    using is_transparent = void;
    bool operator()(const PresenceEntry& a, const PresenceEntry& b) const { return a < b; }
    bool operator()(const PresenceEntry& a, const domain::ChannelKey& b) const { return a.first < b; }
    bool operator()(const domain::ChannelKey& a, const PresenceEntry& b) const { return a < b.first; }
  };
  using Entries = std::set<PresenceEntry, Order>;
  using Channels = std::set<domain::ChannelKey>;

  struct Gathering {
    std::uint64_t version = 0;
    std::vector<bool> got{};
    std::size_t missing = 0;
    Entries entries{};
    Channels wanted{};
  };

  void meet(std::uint64_t version);
  void move_to(std::uint64_t version, std::uint64_t heard);
  void want(const domain::ChannelKey& channel);
  void unwant(const domain::ChannelKey& channel);
  void close(const domain::ChannelKey& channel);
  void replace(Entries entries);
  void replace_wanted(const Channels& wanted);

  PeopleListener& people_;
  std::size_t most_;
  Entries entries_;
  Channels wanted_;
  std::vector<std::pair<domain::ChannelKey, bool>> turned_;
  bool met_ = false;
  std::uint64_t version_ = 0;
  std::uint64_t named_ = 0;  // the highest version that the node has named
  std::uint64_t heard_ = 0;
  std::optional<StreamState> ahead_;  // a state whose version is not reached yet
  std::optional<Gathering> gathering_;
};

/// Decides when this node knows everybody in a conversation that it has begun to want. That is when each other node has
/// answered, or after 200 ms: a newcomer must not see half a list that fills up a moment later, and must not wait for a
/// node that is silent. No clock. Owned by: a PresenceTable.
class PresenceCoverage {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::milliseconds kPatience{200};

  void begin(const domain::ChannelKey& channel, Time now);

  /// The streams to these nodes now contain all that has begun, from this version on. Nullopt: the stream to that node
  /// has not begun yet.
  using Versions = std::map<PresenceSelf, std::optional<std::uint64_t>>;
  void announced(const Versions& versions);

  /// Whether what began since the last `announced` waits for it.
  bool fresh() const { return !batches_.empty() && !batches_.back().announced; }

  /// The conversations that are covered. `answered` says whether a node has answered this version, or is gone.
  using Answered = std::function<bool(const PresenceSelf&, std::optional<std::uint64_t>)>;
  std::vector<domain::ChannelKey> take(Time now, bool alone, const Answered& answered);

  /// The time at which `take` gives something, whoever has answered.
  Time next_due() const { return batches_.empty() ? Time::max() : batches_.front().deadline; }

 private:
  struct Batch {
    Time deadline;
    std::vector<domain::ChannelKey> channels{};
    bool announced = false;
    Versions missing{};
  };

  std::deque<Batch> batches_;  // by deadline; what begins between two announcements is one batch
};

}  // namespace danwa::presence
