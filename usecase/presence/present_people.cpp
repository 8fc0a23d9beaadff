#include "usecase/presence/present_people.hpp"

#include <cassert>

namespace danwa::presence {

void PresentPeople::add(const PresenceEntry& entry) {
  const auto& [channel, user] = entry;
  if (++conversations_[channel][user] > 1) return;
  ++size_;
  changed_.insert(channel);
}

void PresentPeople::remove(const PresenceEntry& entry) {
  const auto& [channel, user] = entry;
  const auto conversation = conversations_.find(channel);
  assert(conversation != conversations_.end());
  const auto person = conversation->second.find(user);
  assert(person != conversation->second.end());
  if (--person->second > 0) return;
  conversation->second.erase(person);
  if (conversation->second.empty()) conversations_.erase(conversation);
  --size_;
  changed_.insert(channel);
}

std::size_t PresentPeople::count(const domain::ChannelKey& channel) const {
  const auto conversation = conversations_.find(channel);
  return conversation == conversations_.end() ? 0 : conversation->second.size();
}

usecase::Presence::Page PresentPeople::page(const domain::ChannelKey& channel, const domain::UserId* after,
                                            std::size_t limit) const {
  usecase::Presence::Page page;
  const auto conversation = conversations_.find(channel);
  if (conversation == conversations_.end()) return page;
  page.count = conversation->second.size();
  auto person = after == nullptr ? conversation->second.begin() : conversation->second.upper_bound(*after);
  for (; person != conversation->second.end() && page.users.size() < limit; ++person)
    page.users.push_back(person->first);
  page.more = person != conversation->second.end();
  return page;
}

}  // namespace danwa::presence
