#include "usecase/presence/presence_stream.hpp"

namespace danwa::presence {

bool PresenceSource::restless() const {
  return !dirty_people_.empty() || !dirty_wanted_.empty() || (!waiting_.empty() && announced_ < most_);
}

PresenceChanges PresenceSource::take() {
  PresenceChanges changes;
  settle_wanted(changes);
  settle_people(changes);
  return changes;
}

void PresenceSource::settle_wanted(PresenceChanges& changes) {
  for (std::size_t i = 0; i < kAtOnce && !dirty_wanted_.empty(); ++i) {
    const auto change = dirty_wanted_.extract(dirty_wanted_.begin());
    const auto& channel = change.key();
    if (change.mapped()) {
      if (wanted_.insert(channel).second) changes.wanted.push_back(channel);
    } else if (wanted_.erase(channel) > 0) {
      changes.unwanted.push_back(channel);
    }
  }
}

/// First who left, because that makes places; then who came, of those who wait.
void PresenceSource::settle_people(PresenceChanges& changes) {
  for (std::size_t i = 0; i < kAtOnce && !dirty_people_.empty(); ++i) {
    const auto change = dirty_people_.extract(dirty_people_.begin());
    const auto& entry = change.key();
    if (change.mapped()) {
      if (!announced(entry)) waiting_.insert(entry);
      continue;
    }
    waiting_.erase(entry);
    if (!announced(entry)) continue;
    forget(entry);
    changes.left.push_back(entry);
  }
  while (announced_ < most_ && !waiting_.empty() && changes.came.size() < kAtOnce) {
    auto& entry = changes.came.emplace_back(std::move(waiting_.extract(waiting_.begin()).value()));
    people_[entry.first].insert(entry.second);
    ++announced_;
  }
}

bool PresenceSource::announced(const PresenceEntry& entry) const {
  const auto* const there = people(entry.first);
  return there != nullptr && there->contains(entry.second);
}

void PresenceSource::forget(const PresenceEntry& entry) {
  const auto found = people_.find(entry.first);
  found->second.erase(entry.second);
  if (found->second.empty()) people_.erase(found);
  --announced_;
}

const PresenceSource::People* PresenceSource::people(const domain::ChannelKey& channel) const {
  const auto found = people_.find(channel);
  return found == people_.end() ? nullptr : &found->second;
}

}  // namespace danwa::presence
