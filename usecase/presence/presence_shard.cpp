#include "usecase/presence/presence_shard.hpp"

#include <cassert>

// One mutex guards a part of the conversations. A thread of a transport changes one conversation. It marks the person
// in `dirty_`, and the interest marks the conversation. The stepping thread visits every shard and takes the marks. It
// reads the state at that moment, so nobody hears of a person who came and left in between.
//
// A conversation that is not covered yet has people, perhaps not all of them. It is shown when it is covered, and then
// with every change.

namespace danwa::presence {

bool PresenceShard::begin(const domain::ChannelKey& channel, const std::optional<domain::UserId>& person, bool alone) {
  const std::lock_guard lock{mutex_};
  watched_.open(channel, person);
  interest_.watch(channel, alone);
  if (person && ++watches_[{channel, *person}] == 1) {
    dirty_.emplace(channel, *person);
    people_.add({channel, *person});
  }
  return interest_.changed() || !dirty_.empty();
}

bool PresenceShard::end(const domain::ChannelKey& channel, const std::optional<domain::UserId>& person, Time now) {
  const std::lock_guard lock{mutex_};
  watched_.close(channel);
  interest_.unwatch(channel, now);
  if (person) {
    const auto found = watches_.find({channel, *person});
    assert(found != watches_.end());
    if (--found->second == 0) {
      dirty_.insert(found->first);
      people_.remove(found->first);
      watches_.erase(found);
    }
  }
  return interest_.changed() || !dirty_.empty();
}

bool PresenceShard::read(const domain::ChannelKey& channel, Time now) {
  const std::lock_guard lock{mutex_};
  interest_.read(channel, now);
  return interest_.changed();
}

void PresenceShard::wait(const domain::ChannelKey& channel, PresenceInterest::Resume resume) {
  const std::lock_guard lock{mutex_};
  interest_.wait(channel, std::move(resume));
}

bool PresenceShard::covered(const domain::ChannelKey& channel) const {
  const std::lock_guard lock{mutex_};
  return interest_.covered(channel);
}

PresenceShard::Page PresenceShard::page(const domain::ChannelKey& channel, const std::optional<domain::UserId>& after,
                                        std::size_t limit) const {
  const std::lock_guard lock{mutex_};
  return people_.page(channel, after ? &*after : nullptr, limit);
}

delivery::FramePtr PresenceShard::shown(const domain::ChannelKey& channel) const {
  const std::lock_guard lock{mutex_};
  return watched_.shown(channel);
}

void PresenceShard::add(const PresenceEntry& entry) {
  const std::lock_guard lock{mutex_};
  people_.add(entry);
}

void PresenceShard::remove(const PresenceEntry& entry) {
  const std::lock_guard lock{mutex_};
  people_.remove(entry);
}

PresenceShard::News PresenceShard::take_news(Time now) {
  const std::lock_guard lock{mutex_};
  interest_.expire(now);
  News news{interest_.take_changes(), {}};
  for (const auto& entry : std::exchange(dirty_, {})) news.present.emplace_back(entry, watches_.contains(entry));
  return news;
}

void PresenceShard::cover(const domain::ChannelKey& channel, Time now) {
  const std::lock_guard lock{mutex_};
  interest_.cover(channel);
  watched_.change(channel, now);
}

std::vector<domain::ChannelKey> PresenceShard::take_due(Time now) {
  const std::lock_guard lock{mutex_};
  for (const auto& channel : people_.take_changed()) {
    if (interest_.covered(channel)) watched_.change(channel, now);
  }
  return watched_.take_due(now);
}

bool PresenceShard::show(const domain::ChannelKey& channel, const delivery::FramePtr& frame, const Page& page,
                         Time now) {
  const std::lock_guard lock{mutex_};
  return watched_.show(channel, frame, page, now);
}

PresenceShard::Time PresenceShard::next_due() const {
  const std::lock_guard lock{mutex_};
  return std::min(watched_.next_due().value_or(Time::max()), interest_.next_due());
}

std::size_t PresenceShard::size() const {
  const std::lock_guard lock{mutex_};
  return people_.size();
}

void PresenceShard::close() {
  const std::lock_guard lock{mutex_};
  interest_.close();
}

}  // namespace danwa::presence
