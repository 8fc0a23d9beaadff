#include "infra/redis/wanted_channels.hpp"

#include <utility>

#include "infra/redis/command.hpp"
#include "infra/redis/redis_payload.hpp"

namespace danwa::infra {

// The difference between `wanted` and `told` is the work to do, computed only when a command is written. So a channel
// that is wanted, forgotten and wanted again before the write costs one command or none, and the queue holds each name
// at most once.
//
// Updates of the time without a connection are lost, so a new connection needs a check of the log. The entries that are
// wanted at its start are `recovering`, and one check of all channels runs once all of them are answered. A channel
// that is wanted later gets a check of its own.

WantedChannels::WantedChannels() { entries_.emplace(kPresenceChannel, Entry{}); }

void WantedChannels::want(const domain::ChannelKey& channel) {
  const auto entry = entries_.try_emplace(redis_channel(channel), Entry{channel}).first;
  entry->second.wanted = true;
  enqueue(entry);
}

void WantedChannels::forget(const domain::ChannelKey& channel) {
  const auto entry = entries_.find(redis_channel(channel));
  if (entry == entries_.end()) return;
  settle(entry->second);
  entry->second.wanted = false;
  enqueue(entry);
  if (!entry->second.queued) entries_.erase(entry);  // not connected: no UNSUBSCRIBE is needed
}

void WantedChannels::enqueue(Entries::iterator entry) {
  if (!connected_ || std::exchange(entry->second.queued, true)) return;
  queue_.push_back(entry->first);
}

void WantedChannels::connected() {
  disconnected();
  connected_ = true;
  recovery_due_ = true;
  enqueue(entries_.find(kPresenceChannel));  // before all others
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    entry->second.recovering = true;
    ++recovering_;
    enqueue(entry);
  }
}

void WantedChannels::disconnected() {
  connected_ = false;
  recovery_due_ = false;
  recovering_ = 0;
  queue_.clear();
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (!entry->second.wanted) {
      entry = entries_.erase(entry);
      continue;
    }
    entry->second = Entry{std::move(entry->second.channel)};
    ++entry;
  }
}

std::size_t WantedChannels::write(std::string& out, std::size_t enough) {
  std::size_t commands = 0;
  for (; !queue_.empty() && out.size() < enough; queue_.pop_front()) {
    const auto found = entries_.find(queue_.front());
    Entry& entry = found->second;
    entry.queued = false;
    if (entry.wanted != entry.told) {
      append_command(out, {entry.wanted ? "SUBSCRIBE" : "UNSUBSCRIBE", found->first});
      ++commands;
    }
    entry.told = entry.wanted;
    if (!entry.wanted) entries_.erase(found);
  }
  return commands;
}

std::optional<domain::ChannelKey> WantedChannels::subscribed(std::string_view redis_channel) {
  const auto found = entries_.find(redis_channel);
  if (found == entries_.end()) return std::nullopt;
  if (!found->second.recovering) return found->second.channel;
  settle(found->second);
  return std::nullopt;
}

void WantedChannels::settle(Entry& entry) {
  if (std::exchange(entry.recovering, false)) --recovering_;
}

bool WantedChannels::take_recovered() {
  return recovery_due_ && recovering_ == 0 && std::exchange(recovery_due_, false);
}

}  // namespace danwa::infra
