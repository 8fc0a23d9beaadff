#include "adapters/presence/present_people.hpp"

#include <cassert>

namespace danwa::adapters {

void PresentPeople::add(const PresenceEntry& entry) {
  const auto& [channel, user] = entry;
  if (++rooms_[channel][user] > 1) return;
  ++size_;
  changed_.insert(channel);
}

void PresentPeople::remove(const PresenceEntry& entry) {
  const auto& [channel, user] = entry;
  const auto room = rooms_.find(channel);
  assert(room != rooms_.end());
  const auto person = room->second.find(user);
  assert(person != room->second.end());
  if (--person->second > 0) return;
  room->second.erase(person);
  if (room->second.empty()) rooms_.erase(room);
  --size_;
  changed_.insert(channel);
}

std::size_t PresentPeople::count(const domain::ChannelKey& channel) const {
  const auto room = rooms_.find(channel);
  return room == rooms_.end() ? 0 : room->second.size();
}

usecase::Presence::Page PresentPeople::page(const domain::ChannelKey& channel, const domain::UserId* after,
                                            std::size_t limit) const {
  usecase::Presence::Page page;
  const auto room = rooms_.find(channel);
  if (room == rooms_.end()) return page;
  page.count = room->second.size();
  auto person = after == nullptr ? room->second.begin() : room->second.upper_bound(*after);
  for (; person != room->second.end() && page.users.size() < limit; ++person) page.users.push_back(person->first);
  page.more = person != room->second.end();
  return page;
}

}  // namespace danwa::adapters
