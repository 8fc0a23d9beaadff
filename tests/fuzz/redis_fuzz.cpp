// libFuzzer entry: whatever comes from Redis's port is read without a crash and in bounded memory, whatever
// its pieces; whatever is published in one of our channels is decoded or refused, and what was understood
// would be published again as the same update.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "adapters/json/update_json.hpp"
#include "infra/redis/redis_payload.hpp"
#include "infra/redis/reply_reader.hpp"

namespace {

using namespace danwa;

constexpr infra::SenderId kOwn{'o', 'w', 'n'};

void decode(std::string_view channel, std::string_view payload) {
  const auto message = infra::decode_payload(channel, payload, kOwn, "db");
  if (!std::holds_alternative<adapters::LoggedUpdate>(message)) return;
  const auto& got = std::get<adapters::LoggedUpdate>(message);
  const adapters::Frame frame{got.update, adapters::json_frames(), got.epoch};
  const auto again = infra::decode_payload(channel, infra::encode_payload({'x'}, 1, frame, "db"), kOwn, "db");
  if (!std::holds_alternative<adapters::LoggedUpdate>(again)) std::abort();
  if (std::get<adapters::LoggedUpdate>(again) != got) std::abort();
  if (infra::channel_of(channel) != got.update.channel) std::abort();
}

/// Every text of a reply is taken for a message: of the channel before it, and of one that there is.
void decode_all(const infra::Reply& reply) {
  std::string_view before = "danwa:demo:user:bob";
  for (const auto& item : reply.items) {
    decode(before, item.text);
    decode(infra::kPresenceChannel, item.text);
    before = item.text;
    decode_all(item);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  decode("danwa:demo:conversation:room", bytes);
  const std::size_t piece = size == 0 ? 1 : 1 + data[0];
  infra::ReplyReader reader;
  for (std::size_t at = 0; at < size && !reader.failed(); at += piece) {
    reader.feed(bytes.substr(at, piece));
    while (const auto reply = reader.next()) decode_all(*reply);
  }
  return 0;
}
