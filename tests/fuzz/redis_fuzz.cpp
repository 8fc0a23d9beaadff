// libFuzzer entry: whatever comes from Redis's port is read without a crash and in bounded memory, whatever
// its pieces; whatever is published in one of our channels is decoded or refused, and what was understood
// would be published again as the same update.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/updates/update_json.hpp"
#include "infra/redis/redis_connection.hpp"
#include "infra/redis/redis_payload.hpp"

namespace {

using namespace danwa;

constexpr redis::SenderId kOwn{'o', 'w', 'n'};

void decode(std::string_view channel, std::string_view payload) {
  const auto message = redis::decode_payload(channel, payload, kOwn, "db");
  if (!std::holds_alternative<delivery::LoggedUpdate>(message)) return;
  const auto& got = std::get<delivery::LoggedUpdate>(message);
  const delivery::Frame frame{got.update, adapters::json_frames(), got.epoch};
  const auto again = redis::decode_payload(channel, redis::encode_payload({'x'}, 1, frame, "db"), kOwn, "db");
  if (!std::holds_alternative<delivery::LoggedUpdate>(again)) std::abort();
  if (std::get<delivery::LoggedUpdate>(again) != got) std::abort();
  if (redis::channel_of(channel) != got.update.channel) std::abort();
}

/// Every text of a reply is taken for a message: of the channel before it, and of one that there is.
void decode_all(const redis::Reply& reply) {
  std::string_view before = "danwa:demo:user:bob";
  for (const auto& item : reply.items) {
    decode(before, item.text);
    decode(redis::kPresenceChannel, item.text);
    before = item.text;
    decode_all(item);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  decode("danwa:demo:conversation:room", bytes);
  const std::size_t piece = size == 0 ? 1 : 1 + data[0];
  redis::ReplyReader reader;
  for (std::size_t at = 0; at < size && !reader.failed(); at += piece) {
    reader.feed(bytes.substr(at, piece));
    while (const auto reply = reader.next()) decode_all(*reply);
  }
  return 0;
}
