#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "adapters/presence/presence_note.hpp"

namespace danwa::adapters {

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

}  // namespace danwa::adapters
