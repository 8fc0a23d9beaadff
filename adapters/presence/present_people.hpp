#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "usecase/ports/presence.hpp"

namespace danwa::adapters {

/// One person in one conversation.
using PresenceEntry = std::pair<domain::ChannelKey, domain::UserId>;

/// Who is present where, whoever says so: a person whom two nodes name is one presence, and goes with the
/// last of them. Owned by: a PresenceTable.
class PresentPeople {
 public:
  /// One more node names this person.
  void add(const PresenceEntry& entry);

  /// One node less; of somebody whom `add` has named.
  void remove(const PresenceEntry& entry);

  std::size_t count(const domain::ChannelKey& channel) const;

  /// At most `limit` people whose id is above `after`, by id.
  usecase::Presence::Page page(const domain::ChannelKey& channel, const domain::UserId* after, std::size_t limit) const;

  /// People over all conversations; a person counts once in each.
  std::size_t size() const { return size_; }

  using Channels = std::unordered_set<domain::ChannelKey>;

  /// The conversations in which somebody came or went since the last call.
  Channels take_changed() { return std::exchange(changed_, {}); }
  bool changed() const { return !changed_.empty(); }

 private:
  using Room = std::map<domain::UserId, std::uint32_t>;  // how many nodes name them

  std::unordered_map<domain::ChannelKey, Room> rooms_;
  Channels changed_;
  std::size_t size_ = 0;
};

}  // namespace danwa::adapters
