#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "usecase/ports/presence.hpp"
#include "usecase/presence/presence_note.hpp"

namespace danwa::presence {

/// Hears of the people of other nodes.
class PeopleListener {
 public:
  virtual ~PeopleListener() = default;

  /// A further node names this person.
  virtual void add(const PresenceEntry& entry) = 0;

  /// One node less names this person, whom `add` has counted.
  virtual void remove(const PresenceEntry& entry) = 0;
};

/// The people present in each conversation, over all nodes. A person on two nodes counts once, and leaves with the last
/// of them. A map keeps people sorted by id, so a page is a range. No lock: the owner has one.
class PresentPeople final : public PeopleListener {
 public:
  void add(const PresenceEntry& entry) override;
  void remove(const PresenceEntry& entry) override;

  std::size_t count(const domain::ChannelKey& channel) const;

  /// At most `limit` people with an id above `after`, sorted by id.
  usecase::Presence::Page page(const domain::ChannelKey& channel, const domain::UserId* after, std::size_t limit) const;

  /// The number of people over all conversations; a person counts once in each.
  std::size_t size() const { return size_; }

  using Channels = std::unordered_set<domain::ChannelKey>;

  /// The conversations in which a person came or left since the last call.
  Channels take_changed() { return std::exchange(changed_, {}); }

 private:
  using Nodes = std::map<domain::UserId, std::uint32_t>;  // the number of nodes that name each person

  std::unordered_map<domain::ChannelKey, Nodes> conversations_;
  Channels changed_;
  std::size_t size_ = 0;
};

}  // namespace danwa::presence
