#include "infra/redis/redis_subscriber.hpp"

#include "domain/core/overloaded.hpp"

namespace danwa::infra {
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
  link_.wake();
}

void RedisSubscriber::forget(const domain::ChannelKey& channel) {
  wanted_.forget(channel);
  look_if_recovered();
  link_.wake();
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
  if (const auto channel = wanted_.subscribed(redis_channel)) listener_.look_at_log(*channel);
  look_if_recovered();
}

void RedisSubscriber::look_if_recovered() {
  if (wanted_.take_recovered()) listener_.look_at_log_everywhere();
}

void RedisSubscriber::on_message(const std::string& redis_channel, const std::string& payload) {
  const domain::Overloaded take{
      [](OwnMessage) {},
      [this](adapters::LoggedUpdate& update) { updates_.push_back(std::move(update)); },
      [this](const adapters::LookAtLog& mark) { listener_.look_at_log(*mark.channel); },
      [this](adapters::PresenceMessage& presence) { listener_.on_presence(std::move(presence.text)); },
      [this](const Unreadable& unreadable) {
        unexpected(unreadable.channel);
        if (unreadable.version) refuse_version(*unreadable.version);
      },
      [this](const Foreign& message) { foreign(message.channel); },
  };
  auto message = decode_payload(redis_channel, payload, own_, adapters::log_now(options_.log).database);
  std::visit(take, message);
}

void RedisSubscriber::unexpected(const std::optional<domain::ChannelKey>& channel) {
  metrics_.bus_unexpected.add();
  if (channel) listener_.look_at_log(*channel);
}

void RedisSubscriber::foreign(const std::optional<domain::ChannelKey>& channel) {
  metrics_.bus_foreign.add();
  if (channel) listener_.look_at_log(*channel);
  if (std::exchange(foreign_told_, true)) return;
  logger_.warn("bus.another-database", {{"bus", "redis"}, {"detail", "nodes of another database publish here"}});
}

void RedisSubscriber::refuse_version(std::uint16_t version) {
  if (std::exchange(version_told_, true)) return;
  logger_.warn("bus.version-refused", {{"version", static_cast<std::int64_t>(version)},
                                       {"known", static_cast<std::int64_t>(adapters::kEnvelopeVersion)}});
}

void RedisSubscriber::on_replies_end() {
  if (updates_.empty()) return;
  metrics_.bus_events_in.add(updates_.size());
  listener_.on_updates(std::exchange(updates_, {}));
}

}  // namespace danwa::infra
