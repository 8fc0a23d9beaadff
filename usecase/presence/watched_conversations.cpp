#include "usecase/presence/presence_shard.hpp"

#include <algorithm>
#include <cassert>

namespace danwa::presence {

// From people to frames. A crowd that comes at once is a thousand changes, and a frame for each of them would cost
// every watcher a thousand frames. So a change only makes its conversation due. The frame that goes out then shows
// everybody who is present at that moment, and all changes until then share it.
//
//     quiet ──change──> due, now or at the end of the pause ──take_due, show──> pause ──> quiet
//
// Each frame replaces the one before, so a lost or skipped frame needs no repair.

void WatchedConversations::open(const domain::ChannelKey& channel, const std::optional<domain::UserId>& person) {
  WatchedConversation& watched = conversations_[channel];
  if (watched.watches++ == 0) {
    watched.only = person;
  } else if (watched.only != person) {
    watched.only.reset();
  }
}

void WatchedConversations::close(const domain::ChannelKey& channel) {
  const auto found = conversations_.find(channel);
  assert(found != conversations_.end());
  if (--found->second.watches > 0) return;
  if (found->second.due) due_.erase({*found->second.due, channel});
  conversations_.erase(found);
}

void WatchedConversations::change(const domain::ChannelKey& channel, Time now) {
  const auto found = conversations_.find(channel);
  if (found == conversations_.end() || found->second.due) return;
  found->second.due = std::max(now, found->second.quiet_after);
  due_.emplace(*found->second.due, channel);
}

std::vector<domain::ChannelKey> WatchedConversations::take_due(Time now) {
  std::vector<domain::ChannelKey> taken;
  while (!due_.empty() && due_.begin()->first <= now) {
    taken.push_back(std::move(due_.extract(due_.begin()).value().second));
    conversations_[taken.back()].due.reset();
  }
  return taken;
}

std::optional<WatchedConversations::Time> WatchedConversations::next_due() const {
  return due_.empty() ? std::nullopt : std::optional{due_.begin()->first};
}

bool WatchedConversations::show(const domain::ChannelKey& channel, const delivery::FramePtr& frame,
                                const usecase::Presence::Page& page, Time now) {
  const auto found = conversations_.find(channel);
  if (found == conversations_.end()) return false;
  auto& watched = found->second;
  const auto shows = [](const delivery::FramePtr& one) -> const auto& {
    return std::get<delivery::PresenceChanged>(one->content());
  };
  if (watched.shown && shows(watched.shown) == shows(frame)) return false;
  watched.shown = frame;
  const bool nobody_else = page.count == 0 || (page.count == 1 && watched.only == page.users.front());
  if (nobody_else && !watched.sent) return false;
  watched.sent = true;
  watched.quiet_after = now + (page.count > kCrowd ? kCrowdPause : kPause);
  return true;
}

delivery::FramePtr WatchedConversations::shown(const domain::ChannelKey& channel) const {
  const auto found = conversations_.find(channel);
  return found == conversations_.end() ? nullptr : found->second.shown;
}

}  // namespace danwa::presence
