#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "adapters/delivery/bus_envelope.hpp"
#include "adapters/delivery/frame.hpp"
#include "domain/channel/channel_key.hpp"

namespace danwa::infra {

/// The Redis channel that every node listens to.
inline constexpr std::string_view kPresenceChannel = "danwa:presence";
inline constexpr std::size_t kMaxPresence = 64 * 1024;  ///< bytes of a presence message

/// The Redis channel of one of ours: `danwa:<company>:<kind>:<key>`.
std::string redis_channel(const domain::ChannelKey& channel);

/// Our channel behind a Redis channel, if it is one.
std::optional<domain::ChannelKey> channel_of(std::string_view redis_channel);

/// Drawn at the start of a node. It stands before everything that the node publishes, so that the node
/// passes over its own messages, which Redis sends back to it, without decoding them: the comments among
/// them would be duplicates by seq, but what it says of its own watchers has no seq.
using SenderId = std::array<char, 16>;
SenderId draw_sender_id();

/// What is published:
///
///     16 bytes sender | one envelope of bus_envelope.hpp (in the presence channel: of no channel, the message in it)
///
/// Each names the database of its sender, since several clusters may share a Redis.
std::string encode_payload(const SenderId& sender, std::uint64_t seq, const adapters::Frame& frame,
                           std::string_view database);
std::string encode_payload(const SenderId& sender, const adapters::LookAtLog& mark, std::string_view database);
std::string encode_payload(const SenderId& sender, std::string_view presence, std::string_view database);

struct OwnMessage {};
struct PresenceMessage {
  std::string text;
};
/// The channel is the danwa channel of the Redis channel it came on, if there is one.
struct Unreadable {
  std::optional<domain::ChannelKey> channel;
  std::optional<std::uint16_t> version{};  ///< it is an envelope of this version, which is not this program's
};
/// Of a node with another database.
struct Foreign {
  std::optional<domain::ChannelKey> channel;
};
using RedisMessage =
    std::variant<OwnMessage, adapters::FramePtr, adapters::LookAtLog, PresenceMessage, Unreadable, Foreign>;

/// Strict: one whole envelope, of the channel that it came on. `database`: of this node.
RedisMessage decode_payload(std::string_view redis_channel, std::string_view payload, const SenderId& own,
                            std::string_view database);

}  // namespace danwa::infra
