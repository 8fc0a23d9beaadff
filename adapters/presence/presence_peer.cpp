#include "adapters/presence/presence_peer.hpp"

#include <utility>

namespace danwa::adapters {

void PresencePeer::on_delta(const PresenceNote& delta) {
  const std::uint64_t from = delta.head.version;
  hear(from + 1);
  if (from != version_) return;
  version_ = from + 1;
  for (const auto& entry : delta.left) {
    if (entries_.erase(entry) > 0) people_.remove(entry);
  }
  for (const auto& entry : delta.came) {
    if (entries_.size() < most_ && entries_.insert(entry).second) people_.add(entry);
  }
}

void PresencePeer::on_snapshot(const PresenceNote& part) {
  const PresenceHead& head = part.head;
  hear(head.version);
  if (head.version <= version_ || (gathering_ && head.version < gathering_->version)) return;
  if (!gathering_ || gathering_->version != head.version || gathering_->got.size() != head.parts) {
    gathering_ = Gathering{head.version, std::vector<bool>(head.parts), head.parts};
  }
  auto& gathering = *gathering_;
  if (gathering.got[head.part]) return;
  gathering.got[head.part] = true;
  for (const auto& entry : part.came) {
    if (gathering.entries.size() < most_) gathering.entries.insert(entry);
  }
  if (--gathering.missing > 0) return;
  version_ = gathering.version;
  replace(std::move(std::exchange(gathering_, std::nullopt)->entries));
}

/// Adds new people before it removes old ones, so nobody vanishes for a moment.
void PresencePeer::replace(Entries entries) {
  for (const auto& entry : entries) {
    if (!entries_.contains(entry)) people_.add(entry);
  }
  for (const auto& entry : entries_) {
    if (!entries.contains(entry)) people_.remove(entry);
  }
  entries_ = std::move(entries);
}

void PresencePeer::clear() {
  replace({});
  gathering_.reset();
}

}  // namespace danwa::adapters
