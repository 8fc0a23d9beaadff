#include "adapters/presence/presence_rooms.hpp"

#include <algorithm>
#include <cassert>

namespace danwa::adapters {

void PresenceRooms::open(const domain::ChannelKey& channel, const std::optional<domain::UserId>& person) {
  Room& room = rooms_[channel];
  if (room.watches++ == 0) {
    room.only = person;
  } else if (room.only != person) {
    room.only.reset();
  }
}

void PresenceRooms::close(const domain::ChannelKey& channel) {
  const auto found = rooms_.find(channel);
  assert(found != rooms_.end());
  if (--found->second.watches > 0) return;
  if (found->second.due) due_.erase({*found->second.due, channel});
  rooms_.erase(found);
}

void PresenceRooms::change(const domain::ChannelKey& channel, Time now) {
  const auto found = rooms_.find(channel);
  if (found == rooms_.end() || found->second.due) return;
  found->second.due = std::max(now, found->second.quiet_after);
  due_.emplace(*found->second.due, channel);
}

std::vector<domain::ChannelKey> PresenceRooms::take_due(Time now) {
  std::vector<domain::ChannelKey> taken;
  while (!due_.empty() && due_.begin()->first <= now) {
    taken.push_back(std::move(due_.extract(due_.begin()).value().second));
    rooms_[taken.back()].due.reset();
  }
  return taken;
}

std::optional<PresenceRooms::Time> PresenceRooms::next_due() const {
  return due_.empty() ? std::nullopt : std::optional{due_.begin()->first};
}

bool PresenceRooms::show(const domain::ChannelKey& channel, const FramePtr& frame, const usecase::Presence::Page& page,
                         Time now) {
  const auto found = rooms_.find(channel);
  if (found == rooms_.end()) return false;
  auto& room = found->second;
  const auto shows = [](const FramePtr& one) -> const auto& { return std::get<PresenceChanged>(one->content()); };
  if (room.shown && shows(room.shown) == shows(frame)) return false;
  room.shown = frame;
  const bool nobody_else = page.count == 0 || (page.count == 1 && room.only == page.users.front());
  if (nobody_else && !room.told) return false;
  room.told = true;
  room.quiet_after = now + (page.count > kCrowd ? kCrowdPause : kPause);
  return true;
}

FramePtr PresenceRooms::shown(const domain::ChannelKey& channel) const {
  const auto found = rooms_.find(channel);
  return found == rooms_.end() ? nullptr : found->second.shown;
}

}  // namespace danwa::adapters
