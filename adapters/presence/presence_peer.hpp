#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "adapters/presence/presence_note.hpp"

namespace danwa::adapters {

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

}  // namespace danwa::adapters
