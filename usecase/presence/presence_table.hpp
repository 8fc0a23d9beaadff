#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "usecase/ports/presence.hpp"

namespace danwa::presence {

/// One person in one conversation.
using PresenceEntry = std::pair<domain::ChannelKey, domain::UserId>;

/// The people present in each conversation, over all nodes. A person on two nodes counts once, and leaves with the last
/// of them. Owned by: a PresenceTable.
class PresentPeople {
 public:
  /// A further node names this person.
  void add(const PresenceEntry& entry);

  /// One node less names this person, whom `add` has counted.
  void remove(const PresenceEntry& entry);

  std::size_t count(const domain::ChannelKey& channel) const;

  /// At most `limit` people with an id above `after`, sorted by id.
  usecase::Presence::Page page(const domain::ChannelKey& channel, const domain::UserId* after, std::size_t limit) const;

  /// The number of people over all conversations; a person counts once in each.
  std::size_t size() const { return size_; }

  using Channels = std::unordered_set<domain::ChannelKey>;

  /// The conversations in which a person came or left since the last call.
  Channels take_changed() { return std::exchange(changed_, {}); }
  bool changed() const { return !changed_.empty(); }

 private:
  using WatchedConversation = std::map<domain::UserId, std::uint32_t>;  // the number of nodes that name each person

  std::unordered_map<domain::ChannelKey, WatchedConversation> conversations_;
  Channels changed_;
  std::size_t size_ = 0;
};

inline constexpr std::size_t kMaxPresenceNote = 64 * 1024;  ///< bytes of a note
inline constexpr std::uint64_t kMaxSnapshotParts = 16'384;

/// The messages between nodes about their watchers. A note is text: a head line, then lines of people.
///
///     1 delta node-3 8113 17               node, incarnation, version before; the version after is one higher
///     - acme:conversation:lobby carol      they left,
///     + acme:conversation:lobby alice bob  they came
///     1 beat node-3 8113 18                the node is alive and at this version
///     1 want node-3 8113 16                to that node: the sender knows its people up to this version only
///     1 snapshot node-3 8113 18 0 1        version, part, parts: all people of the node, in lines with +
///     1 bye node-3 8113                    the node has no people any more, and nothing follows
///
/// Names are percent-encoded. An incarnation is one start of a node; it begins at version 0 without people. The lines
/// are sorted (`-` first, then by channel), the people in each line too, and no line is empty. So every note has
/// exactly one form.
enum class PresenceNoteKind : std::uint8_t { delta, beat, want, snapshot, bye };

struct PresenceHead {
  PresenceNoteKind kind = PresenceNoteKind::beat;
  std::string node = {};          ///< 1 to 255 bytes
  std::uint64_t incarnation = 0;  ///< at most INT64_MAX, as all numbers
  std::uint64_t version = 0;
  std::uint64_t part = 0;   ///< of a snapshot, from 0
  std::uint64_t parts = 0;  ///< of a snapshot, 1 to kMaxSnapshotParts
};

struct PresenceNote {
  PresenceHead head;
  std::vector<PresenceEntry> left;
  std::vector<PresenceEntry> came;
};

/// Builds the lines of people of one or more notes; a new note begins when the last is full. The caller adds entries in
/// sorted order.
class PresenceLines {
 public:
  void left(const PresenceEntry& entry) { add('-', entry); }
  void came(const PresenceEntry& entry) { add('+', entry); }

  /// One text for each note; empty if nothing was added.
  std::vector<std::string> take();

 private:
  void add(char sign, const PresenceEntry& entry);

  std::vector<std::string> texts_;
  std::string line_;  // the start of the open line
};

/// One note from a head and its lines.
std::string encode(const PresenceHead& head, std::string_view lines = {});

/// One note from its parts, which must fit into one note.
std::string encode(const PresenceNote& note);

/// Strict. Returns nullopt for an unknown version or kind, a bad name or number, an entry that is not a person in a
/// conversation, a wrong order, or any other text that `encode` does not produce.
std::optional<PresenceNote> decode_presence(std::string_view text);

/// The known people of one start of another node. Notes may come in any order, twice or never. A person is removed only
/// when that node says so or `clear` is called. Owned by: a PresenceTable.
///
/// A delta is applied only if it starts at `version`; otherwise the peer is `behind` until deltas or a snapshot close
/// the gap. The parts of a snapshot are gathered aside, and replace everything when the last one has come.
class PresencePeer {
 public:
  /// At most `most` people are kept; the rest is ignored.
  PresencePeer(PresentPeople& people, std::size_t most) : people_{people}, most_{most} {}

  void on_delta(const PresenceNote& delta);
  void on_snapshot(const PresenceNote& part);
  void on_beat(std::uint64_t version) { hear(version); }

  /// The node has gone: removes all its people.
  void clear();

  std::uint64_t version() const { return version_; }

  /// A note was missed: this node must ask for the changes after `version`.
  bool behind() const { return heard_ > version_; }

 private:
  using Entries = std::set<PresenceEntry>;

  struct Gathering {
    std::uint64_t version = 0;
    std::vector<bool> got{};
    std::size_t missing = 0;
    Entries entries{};
  };

  void hear(std::uint64_t version) { heard_ = std::max(heard_, version); }
  void replace(Entries entries);

  PresentPeople& people_;
  std::size_t most_;
  Entries entries_;
  std::uint64_t version_ = 0;
  std::uint64_t heard_ = 0;  // the highest version that the node has named
  std::optional<Gathering> gathering_;
};

/// The identity of one start of a node.
struct PresenceSelf {
  std::string node;               ///< its name, 1 to 255 bytes
  std::uint64_t incarnation = 0;  ///< new at each start, at most INT64_MAX
};

/// The people who watch on this node, and their announcement to the other nodes. Every delta raises the version by one.
/// The newest deltas are kept for nodes that missed some; nodes that missed more get a snapshot. At most `most` people
/// are announced; others wait until a place is free. Owned by: a PresenceTable.
class PresenceAnnouncer {
 public:
  static constexpr std::size_t kHistory = 256 * 1024;  ///< bytes of kept deltas

  PresenceAnnouncer(PresenceSelf self, std::size_t most) : self_{std::move(self)}, most_{most} {}

  /// A watch of this person begins. True: it is their first on this node.
  bool enter(const PresenceEntry& entry);

  /// A watch that `enter` has counted ends. True: it was their last on this node.
  bool leave(const PresenceEntry& entry);

  /// Changes wait for `announce`.
  bool restless() const { return !dirty_.empty(); }

  /// Appends the deltas since the last call.
  void announce(std::deque<std::string>& out);

  std::string beat() const { return encode(head(PresenceNoteKind::beat)); }
  std::string bye() const { return encode(head(PresenceNoteKind::bye)); }

  /// Appends the notes that bring a node from `version` up to date: deltas if all are kept, else a snapshot.
  void answer(std::uint64_t version, std::deque<std::string>& out) const;

  const PresenceSelf& self() const { return self_; }
  std::size_t left_out() const { return waiting_.size(); }

 private:
  struct Watches {
    std::size_t count = 0;
    bool announced = false;
  };
  struct Delta {
    std::uint64_t from;
    std::string note;
  };

  PresenceHead head(PresenceNoteKind kind) const { return {kind, self_.node, self_.incarnation, version_}; }
  std::vector<PresenceEntry> take_left();
  std::vector<PresenceEntry> take_came();
  void remember(std::uint64_t from, const std::string& note);
  void snapshot(std::deque<std::string>& out) const;

  PresenceSelf self_;
  std::size_t most_;
  std::map<PresenceEntry, Watches> entries_;
  std::set<PresenceEntry> dirty_;    // of `entries_`: first or last watch since the last `announce`
  std::set<PresenceEntry> waiting_;  // of `entries_`: present, and not announced yet
  std::size_t announced_ = 0;
  std::uint64_t version_ = 0;
  std::deque<Delta> history_;  // the newest deltas, without a gap
  std::size_t history_bytes_ = 0;
};

/// The people who watch each conversation, over all nodes: those of this node, and those of every other node while it
/// shows signs of life. No clock, no thread: every event gets the time. Events leave notes for all other nodes, and
/// conversations in which a person came or left. Owned by: one PresenceHub.
///
///     table.enter({channel, user});
///     table.receive(note, now);
///     table.tick(now);                                   // at `next_due()`, and after other events
///     for (auto& note : table.take_notes(now)) send(note);
///     for (auto& channel : table.take_changed()) show(channel, table.people());
///
/// Each start of a node is a separate peer. So a person who reconnects to a node that was killed and started again does
/// not leave in between: the people of the earlier start stay until its lease ends.
class PresenceTable {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Milliseconds = std::chrono::milliseconds;

  struct Options {
    Milliseconds beat{500};             ///< longest time between two signs of life of this node
    Milliseconds lease{4'000};          ///< a node without a sign of life for this long is gone
    Milliseconds gather{20};            ///< least time between two announcements
    Milliseconds want_again{300};       ///< least time between two requests for missed notes
    Milliseconds farewell{10'000};      ///< notes of a node are ignored for this long after its goodbye
    std::size_t most_people = 100'000;  ///< kept of one node
    std::size_t most_peers = 256;       ///< notes of further nodes are ignored
  };

  PresenceTable(PresenceSelf self, Options options) : options_{options}, mine_{std::move(self), options.most_people} {}
  PresenceTable(const PresenceTable&) = delete;  // the peers know where the people are
  PresenceTable& operator=(const PresenceTable&) = delete;

  /// A watch of this node begins or ends.
  void enter(const PresenceEntry& entry);
  void leave(const PresenceEntry& entry);

  /// A note of another node, or one of this node that came back. False: malformed.
  bool receive(std::string_view note, Time now);

  void tick(Time now);
  Time next_due() const;

  /// The last notes of this node, with its goodbye. Nothing is announced afterwards.
  std::vector<std::string> close();

  /// Notes for all other nodes, a few at a time. While more wait, `next_due` is the time of the next ones.
  std::vector<std::string> take_notes(Time now);

  PresentPeople::Channels take_changed() { return people_.take_changed(); }
  const PresentPeople& people() const { return people_; }

  std::size_t nodes() const;  ///< other nodes with a valid lease
  std::size_t left_out() const { return mine_.left_out(); }

 private:
  struct Peer {
    PresencePeer state;
    Time lease_end{};
    Time want_due{};    // the earliest time of the next request
    bool left = false;  // it said goodbye; kept until the lease ends, so that late notes are ignored
  };
  using PeerKey = std::pair<std::string, std::uint64_t>;

  bool is_me(const PresenceHead& head) const;
  Peer* peer_of(const PresenceHead& head);
  void hear(const PresenceNote& note, Time now);
  void answer(std::uint64_t version, Time now);
  void forgive_pause(Time now);
  void end_leases(Time now);
  void ask(const PeerKey& key, Peer& peer, Time now);
  bool may_announce() const;

  Options options_;
  PresenceAnnouncer mine_;
  PresentPeople people_;
  std::map<PeerKey, Peer> peers_;
  std::deque<std::string> notes_;  // to be sent
  Time notes_due_{};
  Time beat_due_{};
  Time announce_due_{};
  Time answer_due_{};
  Time promised_ = Time::max();  // the latest time at which the next tick was expected
  bool closed_ = false;
};

}  // namespace danwa::presence
