#include "usecase/presence/presence_shard.hpp"

#include <cassert>

namespace danwa::presence {

PresenceInterest::Wanted& PresenceInterest::want(const domain::ChannelKey& channel) {
  const auto [found, is_new] = conversations_.try_emplace(channel);
  if (is_new) changed_.insert(channel);
  return found->second;
}

void PresenceInterest::watch(const domain::ChannelKey& channel, bool covered) {
  Wanted& wanted = want(channel);
  use(wanted);
  ++wanted.watches;
  wanted.covered = wanted.covered || covered;
}

void PresenceInterest::unwatch(const domain::ChannelKey& channel, Time now) {
  const auto found = conversations_.find(channel);
  assert(found != conversations_.end() && found->second.watches > 0);
  if (--found->second.watches == 0) keep_for_a_while(channel, found->second, now);
}

void PresenceInterest::read(const domain::ChannelKey& channel, Time now) {
  Wanted& wanted = want(channel);
  if (wanted.watches > 0) return;
  use(wanted);
  keep_for_a_while(channel, wanted, now);
}

void PresenceInterest::use(Wanted& wanted) {
  if (const auto idle = std::exchange(wanted.idle, std::nullopt)) idle_.erase(*idle);
}

void PresenceInterest::keep_for_a_while(const domain::ChannelKey& channel, Wanted& wanted, Time now) {
  wanted.idle = idle_.insert(idle_.end(), {channel, now + kLinger});
  if (idle_.size() > most_idle_) forget_oldest();
}

void PresenceInterest::forget_oldest() {
  const auto found = conversations_.find(idle_.front().channel);
  resume_all(found->second);
  changed_.insert(found->first);
  conversations_.erase(found);
  idle_.pop_front();
}

bool PresenceInterest::covered(const domain::ChannelKey& channel) const {
  const auto found = conversations_.find(channel);
  return found != conversations_.end() && found->second.covered;
}

void PresenceInterest::wait(const domain::ChannelKey& channel, Resume resume) {
  const auto found = conversations_.find(channel);
  if (closed_ || found == conversations_.end() || found->second.covered) return resume(true);
  found->second.waiting.push_back(std::move(resume));
}

void PresenceInterest::cover(const domain::ChannelKey& channel) {
  const auto found = conversations_.find(channel);
  if (found == conversations_.end()) return;
  found->second.covered = true;
  resume_all(found->second);
}

void PresenceInterest::resume_all(Wanted& wanted) {
  for (const auto& resume : std::exchange(wanted.waiting, {})) resume(true);
}

void PresenceInterest::expire(Time now) {
  while (!idle_.empty() && idle_.front().until <= now) forget_oldest();
}

std::vector<std::pair<domain::ChannelKey, bool>> PresenceInterest::take_changes() {
  std::vector<std::pair<domain::ChannelKey, bool>> changes;
  for (const auto& channel : std::exchange(changed_, {})) {
    changes.emplace_back(channel, conversations_.contains(channel));
  }
  return changes;
}

void PresenceInterest::close() {
  closed_ = true;
  for (auto& [channel, wanted] : conversations_) resume_all(wanted);
}

}  // namespace danwa::presence
