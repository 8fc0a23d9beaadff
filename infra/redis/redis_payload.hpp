#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "domain/channel/channel_key.hpp"
#include "usecase/delivery/bus_envelope.hpp"
#include "usecase/delivery/frame.hpp"

namespace danwa::redis {

/// The Redis channel of presence messages to all nodes. Every node subscribes to it, and to its own, see
/// `presence_channel`.
inline constexpr std::string_view kPresenceChannel = "danwa:presence";
inline constexpr std::size_t kMaxPresence = 64 * 1024;  ///< bytes of a presence message

/// The Redis channel of a danwa channel: `danwa:<company>:<kind>:<key>`.
std::string redis_channel(const domain::ChannelKey& channel);

/// The danwa channel of a Redis channel, if it has one.
std::optional<domain::ChannelKey> channel_of(std::string_view redis_channel);

/// A random id, drawn at the start of a node and placed before each of its messages. Redis sends a node its own
/// messages back, and the node skips them by this id without decoding. Updates would be recognised as duplicates by
/// their seq; presence messages have none.
using SenderId = std::array<char, 16>;
SenderId draw_sender_id();

/// The Redis channel of presence messages to the node with this id: `danwa:presence:<the id in hexadecimal digits>`.
std::string presence_channel(std::string_view sender);

/// The format of a published message:
///
///     16 bytes sender | one envelope of bus_envelope.hpp (in a presence channel: of the kind presence)
///
/// Each envelope names the database of its sender, because several clusters may share one Redis.
std::string encode_payload(const SenderId& sender, std::uint64_t seq, const delivery::Frame& frame,
                           std::string_view database);
std::string encode_payload(const SenderId& sender, const delivery::CheckLog& mark, std::string_view database);
std::string encode_payload(const SenderId& sender, std::string_view presence, std::string_view database);

struct OwnMessage {};
/// The channel is the danwa channel of the Redis channel it came on, if there is one.
struct Unreadable {
  std::optional<domain::ChannelKey> channel;
  std::optional<std::uint16_t> version{};  ///< set if the envelope has a version that this program does not know
};
/// A message of a node with another database.
struct Foreign {
  std::optional<domain::ChannelKey> channel;
};
using RedisMessage = std::variant<OwnMessage, delivery::LoggedUpdate, delivery::CheckLog, delivery::PresenceMessage,
                                  Unreadable, Foreign>;

/// Strict: exactly one complete envelope, whose channel is the one it came on. `database`: of this node.
RedisMessage decode_payload(std::string_view redis_channel, std::string_view payload, const SenderId& own,
                            std::string_view database);

}  // namespace danwa::redis
