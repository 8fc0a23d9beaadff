#include <utility>

#include "domain/core/result.hpp"
#include "infra/redis/redis_connection.hpp"
#include "infra/redis/redis_payload.hpp"
#include "infra/redis/redis_session.hpp"

namespace danwa::redis {

// The difference between `wanted` and `told` is the work to do, computed only when a command is written. So a channel
// that is wanted, forgotten and wanted again before the write costs one command or none, and the queue holds each name
// at most once.
//
// Updates of the time without a connection are lost, so a new connection needs a check of the log. The entries that are
// wanted at its start are `recovering`, and one check of all channels runs once all of them are answered. A channel
// that is wanted later gets a check of its own.

WantedChannels::WantedChannels(std::string own_presence) : own_presence_{std::move(own_presence)} {
  entries_.emplace(kPresenceChannel, Entry{});
  entries_.emplace(own_presence_, Entry{});
}

void WantedChannels::want(const domain::ChannelKey& channel) {
  const auto entry = entries_.try_emplace(redis_channel(channel), Entry{channel}).first;
  entry->second.wanted = true;
  enqueue(entry);
}

void WantedChannels::forget(const domain::ChannelKey& channel) {
  const auto entry = entries_.find(redis_channel(channel));
  if (entry == entries_.end()) return;
  reconcile(entry->second);
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
  for (const std::string_view presence : {kPresenceChannel, std::string_view{own_presence_}}) {
    enqueue(entries_.find(presence));  // before all others
  }
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
  reconcile(found->second);
  return std::nullopt;
}

void WantedChannels::reconcile(Entry& entry) {
  if (std::exchange(entry.recovering, false)) --recovering_;
}

bool WantedChannels::take_recovered() {
  return recovery_due_ && recovering_ == 0 && std::exchange(recovery_due_, false);
}

namespace {

bool starts_with_texts(const Reply& reply, std::size_t texts) {
  if (reply.kind != Reply::Kind::array || reply.items.size() < texts) return false;
  for (std::size_t i = 0; i < texts; ++i) {
    if (reply.items[i].kind != Reply::Kind::text) return false;
  }
  return true;
}

}  // namespace

void RedisSubscriber::want(const domain::ChannelKey& channel) {
  wanted_.want(channel);
  wake();
}

void RedisSubscriber::forget(const domain::ChannelKey& channel) {
  wanted_.forget(channel);
  look_if_recovered();
  wake();
}

void RedisSubscriber::on_down() {
  wanted_.disconnected();
  on_replies_end();
}

void RedisSubscriber::on_reply(Reply reply) {
  if (reply.kind == Reply::Kind::status) return;  // the reply to PING before the first subscription
  if (!starts_with_texts(reply, 2)) return unexpected(std::nullopt);
  const std::string& what = reply.items[0].text;
  if (what == "subscribe") return on_subscribed(reply.items[1].text);
  if (what == "unsubscribe" || what == "pong") return;
  if (what != "message" || !starts_with_texts(reply, 3)) return unexpected(std::nullopt);
  on_message(reply.items[1].text, reply.items[2].text);
}

void RedisSubscriber::on_subscribed(const std::string& redis_channel) {
  if (const auto channel = wanted_.subscribed(redis_channel)) listener_.check_log(*channel);
  look_if_recovered();
}

void RedisSubscriber::look_if_recovered() {
  if (wanted_.take_recovered()) listener_.look_at_log_everywhere();
}

void RedisSubscriber::on_message(const std::string& redis_channel, const std::string& payload) {
  const domain::Overloaded take{
      [](OwnMessage) {},
      [this](delivery::LoggedUpdate& update) { updates_.push_back(std::move(update)); },
      [this](const delivery::CheckLog& mark) { listener_.check_log(*mark.channel); },
      [&](delivery::PresenceMessage& presence) {
        listener_.on_presence(payload.substr(0, own_.size()), std::move(presence.text));
      },
      [this](const Unreadable& unreadable) {
        unexpected(unreadable.channel);
        if (unreadable.version) refuse_version(*unreadable.version);
      },
      [this](const Foreign& message) { foreign(message.channel); },
  };
  auto message = decode_payload(redis_channel, payload, own_, database());
  std::visit(take, message);
}

void RedisSubscriber::unexpected(const std::optional<domain::ChannelKey>& channel) {
  metrics_.bus_unexpected.add();
  if (channel) listener_.check_log(*channel);
}

void RedisSubscriber::foreign(const std::optional<domain::ChannelKey>& channel) {
  metrics_.bus_foreign.add();
  if (channel) listener_.check_log(*channel);
  if (std::exchange(foreign_told_, true)) return;
  logger().warn("bus.another-database", {{"bus", "redis"}, {"detail", "nodes of another database publish here"}});
}

void RedisSubscriber::refuse_version(std::uint16_t version) {
  if (std::exchange(version_told_, true)) return;
  logger().warn("bus.version-refused", {{"version", static_cast<std::int64_t>(version)},
                                        {"known", static_cast<std::int64_t>(delivery::kEnvelopeVersion)}});
}

void RedisSubscriber::on_replies_end() {
  if (updates_.empty()) return;
  metrics_.bus_events_in.add(updates_.size());
  listener_.on_updates(std::exchange(updates_, {}));
}

}  // namespace danwa::redis
