#include "usecase/presence/presence_stream.hpp"

// The receiving end of a stream. Three numbers say where it is: `version_`, up to which everything is here; `named_`,
// the highest that the node has named, so above `version_` something is missing; and `heard_`, how much of this node's
// own stream is answered in what is here. A beat may run ahead of the deltas that it speaks of. Its `heard` counts only
// when these have come, because until then some of the answer is still on its way.

namespace danwa::presence {

void PresenceReplica::meet(std::uint64_t version) {
  met_ = true;
  named_ = std::max(named_, version);
}

/// `heard` of a state counts as soon as the stream is here up to the version of the state.
void PresenceReplica::move_to(std::uint64_t version, std::uint64_t heard) {
  version_ = version;
  heard_ = std::max(heard_, heard);
  if (!ahead_ || ahead_->version > version_) return;
  heard_ = std::max(heard_, ahead_->heard);
  ahead_.reset();
}

void PresenceReplica::on_state(const StreamState& state) {
  meet(state.version);
  if (state.version <= version_) {
    heard_ = std::max(heard_, state.heard);
  } else if (!ahead_ || state.version >= ahead_->version) {
    ahead_ = state;
  }
}

void PresenceReplica::on_delta(const PresenceNote& delta) {
  const std::uint64_t from = delta.head.version;
  meet(from + 1);
  if (from != version_) return;
  const auto& changes = delta.changes;
  for (const auto& channel : changes.closed) close(channel);
  for (const auto& channel : changes.unwanted) unwant(channel);
  for (const auto& channel : changes.wanted) want(channel);
  for (const auto& entry : changes.left) {
    if (entries_.erase(entry) > 0) people_.remove(entry);
  }
  for (const auto& entry : changes.came) {
    if (entries_.size() < most_ && entries_.insert(entry).second) people_.add(entry);
  }
  move_to(from + 1, delta.head.heard);
}

void PresenceReplica::want(const domain::ChannelKey& channel) {
  if (wanted_.size() < most_ && wanted_.insert(channel).second) turned_.emplace_back(channel, true);
}

void PresenceReplica::unwant(const domain::ChannelKey& channel) {
  if (wanted_.erase(channel) > 0) turned_.emplace_back(channel, false);
}

void PresenceReplica::close(const domain::ChannelKey& channel) {
  const auto [first, last] = entries_.equal_range(channel);
  for (auto entry = first; entry != last; ++entry) people_.remove(*entry);
  entries_.erase(first, last);
}

void PresenceReplica::on_snapshot(const PresenceNote& part) {
  const PresenceHead& head = part.head;
  meet(head.version);
  if (head.version <= version_ || (gathering_ && head.version < gathering_->version)) return;
  if (!gathering_ || gathering_->version != head.version || gathering_->got.size() != head.parts) {
    gathering_ = Gathering{head.version, std::vector<bool>(head.parts), head.parts};
  }
  auto& gathering = *gathering_;
  if (gathering.got[head.part]) return;
  gathering.got[head.part] = true;
  for (const auto& entry : part.changes.came) {
    if (gathering.entries.size() < most_) gathering.entries.insert(entry);
  }
  for (const auto& channel : part.changes.wanted) {
    if (gathering.wanted.size() < most_) gathering.wanted.insert(channel);
  }
  if (--gathering.missing > 0) return;
  auto whole = *std::exchange(gathering_, std::nullopt);
  replace_wanted(whole.wanted);
  replace(std::move(whole.entries));
  move_to(whole.version, head.heard);
}

/// Adds new people before it removes old ones, so nobody vanishes for a moment.
void PresenceReplica::replace(Entries entries) {
  for (const auto& entry : entries) {
    if (!entries_.contains(entry)) people_.add(entry);
  }
  for (const auto& entry : entries_) {
    if (!entries.contains(entry)) people_.remove(entry);
  }
  entries_ = std::move(entries);
}

void PresenceReplica::replace_wanted(const Channels& wanted) {
  for (const auto& channel : Channels{wanted_}) {
    if (!wanted.contains(channel)) unwant(channel);
  }
  for (const auto& channel : wanted) want(channel);
}

void PresenceReplica::clear() {
  replace({});
  replace_wanted({});
  gathering_.reset();
}

}  // namespace danwa::presence
