#include "infra/redis/redis_payload.hpp"

#include <algorithm>
#include <random>
#include <utility>

namespace danwa::redis {
namespace {

constexpr std::string_view kPrefix = "danwa:";

/// That of all nodes, or that of one.
bool is_presence(std::string_view redis_channel) {
  if (!redis_channel.starts_with(kPresenceChannel)) return false;
  redis_channel.remove_prefix(kPresenceChannel.size());
  return redis_channel.empty() || redis_channel.front() == ':';
}

using ChannelOrNone = std::optional<domain::ChannelKey>;  // none: presence

RedisMessage decode_envelope(const ChannelOrNone& channel, std::string_view bytes, std::string_view database) {
  delivery::EnvelopeReader reader{bytes};
  const auto envelope = reader.next();
  const bool alone = envelope && !reader.next() && !reader.malformed();
  if (!alone) return Unreadable{channel};
  if (!envelope->known()) return Unreadable{channel, envelope->version};
  if (envelope->channel != (channel ? channel->to_string() : "")) return Unreadable{channel};
  if (envelope->database() != database) return Foreign{channel};
  auto message = delivery::decode(*envelope);
  if (!message) return Unreadable{channel};
  const auto* const presence = std::get_if<delivery::PresenceMessage>(&*message);
  if ((presence != nullptr) == channel.has_value()) return Unreadable{channel};
  if (presence != nullptr && presence->text.size() > kMaxPresence) return Unreadable{channel};
  return std::visit([](auto& what) { return RedisMessage{std::move(what)}; }, *message);
}

}  // namespace

std::string redis_channel(const domain::ChannelKey& channel) { return std::string{kPrefix} + channel.to_string(); }

std::optional<domain::ChannelKey> channel_of(std::string_view redis_channel) {
  if (!redis_channel.starts_with(kPrefix)) return std::nullopt;
  return domain::ChannelKey::parse(redis_channel.substr(kPrefix.size()));
}

SenderId draw_sender_id() {
  std::random_device random;
  SenderId id{};
  for (auto& byte : id) byte = static_cast<char>(random() & 0xFF);
  return id;
}

std::string presence_channel(std::string_view sender) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string channel{kPresenceChannel};
  channel += ':';
  for (const char byte : sender) {
    const auto value = static_cast<unsigned char>(byte);
    channel += kDigits[value >> 4];
    channel += kDigits[value & 15];
  }
  return channel;
}

std::string encode_payload(const SenderId& sender, std::uint64_t seq, const delivery::Frame& frame,
                           std::string_view database) {
  std::string payload{sender.data(), sender.size()};
  const auto& update = *frame.update();
  delivery::append_envelope(payload, seq,
                            delivery::encode_body(update, update.channel.to_string(), frame.epoch(), database));
  return payload;
}

std::string encode_payload(const SenderId& sender, const delivery::CheckLog& mark, std::string_view database) {
  std::string payload{sender.data(), sender.size()};
  const std::string channel = mark.channel ? mark.channel->to_string() : "";
  delivery::append_envelope(payload, 0, delivery::encode_mark(channel, database));
  return payload;
}

std::string encode_payload(const SenderId& sender, std::string_view presence, std::string_view database) {
  std::string payload{sender.data(), sender.size()};
  delivery::append_envelope(payload, 0, delivery::encode_presence(presence, database));
  return payload;
}

RedisMessage decode_payload(std::string_view redis_channel, std::string_view payload, const SenderId& own,
                            std::string_view database) {
  const bool presence = is_presence(redis_channel);
  auto channel = presence ? std::nullopt : channel_of(redis_channel);
  if (payload.size() < own.size() || (!presence && !channel)) return Unreadable{std::move(channel)};
  if (std::equal(own.begin(), own.end(), payload.begin())) return OwnMessage{};
  payload.remove_prefix(own.size());
  return decode_envelope(channel, payload, database);
}

}  // namespace danwa::redis
