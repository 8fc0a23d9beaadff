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

/// One start of a node, as the others know it.
struct PresenceSelf {
  std::string node;               ///< its name, 1 to 255 bytes
  std::uint64_t incarnation = 0;  ///< another one at each start, at most INT64_MAX
};

/// This node's own people, and how the other nodes are told of them: a version that grows with every delta,
/// the newest deltas for those that missed some, a snapshot for those that missed more. At most `most`
/// people are told; others wait until there is room. Owned by: a PresenceTable.
class PresenceAnnouncer {
 public:
  static constexpr std::size_t kHistory = 256 * 1024;  ///< bytes of deltas that are kept

  PresenceAnnouncer(PresenceSelf self, std::size_t most) : self_{std::move(self)}, most_{most} {}

  /// One more watch of that person. True: their first here.
  bool enter(const PresenceEntry& entry);

  /// One less, of one that `enter` has counted. True: their last here.
  bool leave(const PresenceEntry& entry);

  /// There is something to announce.
  bool restless() const { return !dirty_.empty(); }

  /// Appends the deltas since the last call.
  void announce(std::deque<std::string>& out);

  std::string beat() const { return encode(head(PresenceNoteKind::beat)); }
  std::string bye() const { return encode(head(PresenceNoteKind::bye)); }

  /// Appends what brings a node from `version` up to date: deltas if they are still there, else a snapshot.
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
  std::set<PresenceEntry> dirty_;    // of `entries_`: first or last watch since they were looked at
  std::set<PresenceEntry> waiting_;  // of `entries_`: there, and not announced for lack of room
  std::size_t announced_ = 0;
  std::uint64_t version_ = 0;
  std::deque<Delta> history_;  // the newest deltas, without a gap
  std::size_t history_bytes_ = 0;
};

}  // namespace danwa::adapters
