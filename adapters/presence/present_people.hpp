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
  using Room = std::map<domain::UserId, std::uint32_t>;  // the number of nodes that name each person

  std::unordered_map<domain::ChannelKey, Room> rooms_;
  Channels changed_;
  std::size_t size_ = 0;
};

}  // namespace danwa::adapters
