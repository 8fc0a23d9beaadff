#include "infra/redis/redis_payload.hpp"

#include <gtest/gtest.h>

#include "support/bus_recorder.hpp"

namespace danwa::infra {
namespace {

using tests::room;
using tests::update_frame;

const SenderId kOwn{'o', 'w', 'n'};
const SenderId kOther{'o', 't', 'h', 'e', 'r'};

template <class Kind>
bool is(const RedisMessage& message) {
  return std::holds_alternative<Kind>(message);
}

TEST(RedisPayload, NamesARedisChannelForEachOfOurs) {
  const domain::ChannelKey inbox{domain::CompanyId::trusted("ac:me"), domain::ChannelKind::user, "bob b"};
  EXPECT_EQ(redis_channel(inbox), "danwa:ac%3Ame:user:bob%20b");
  EXPECT_EQ(channel_of("danwa:ac%3Ame:user:bob%20b"), inbox);
  EXPECT_EQ(channel_of(kPresenceChannel), std::nullopt);
  EXPECT_EQ(channel_of("other:demo:user:bob"), std::nullopt);
}

TEST(RedisPayload, CarriesAFrameByteForByte) {
  const auto frame = update_frame(7);
  const auto message = decode_payload(redis_channel(room()), encode_payload(kOther, 1, *frame), kOwn);
  ASSERT_TRUE(is<adapters::FramePtr>(message));
  const auto& got = *std::get<adapters::FramePtr>(message);
  EXPECT_EQ(got.websocket_frame(), frame->websocket_frame());
  EXPECT_EQ(got.seq(), 7U);
  EXPECT_EQ(got.channel(), room());
}

TEST(RedisPayload, CarriesMarksAndPresence) {
  const auto mark = decode_payload(redis_channel(room()), encode_payload(kOther, adapters::LookAtLog{room()}), kOwn);
  ASSERT_TRUE(is<adapters::LookAtLog>(mark));
  EXPECT_EQ(std::get<adapters::LookAtLog>(mark).channel, room());
  const std::string text = std::string{"\0\r\n", 3} + std::string(kMaxPresence - 3, 'p');
  const auto presence = decode_payload(kPresenceChannel, encode_payload(kOther, text), kOwn);
  ASSERT_TRUE(is<PresenceMessage>(presence));
  EXPECT_EQ(std::get<PresenceMessage>(presence).text, text);
}

TEST(RedisPayload, PassesOverItsOwn) {
  EXPECT_TRUE(is<OwnMessage>(decode_payload(redis_channel(room()), encode_payload(kOwn, 1, *update_frame(1)), kOwn)));
  EXPECT_TRUE(is<OwnMessage>(decode_payload(kPresenceChannel, encode_payload(kOwn, "x"), kOwn)));
  EXPECT_NE(draw_sender_id(), draw_sender_id());
}

TEST(RedisPayload, RefusesAllElseAndKnowsWhereToLook) {
  const std::string here = redis_channel(room());
  const std::string good = encode_payload(kOther, 1, *update_frame(1));
  const std::string elsewhere = encode_payload(kOther, 1, *update_frame(1, room("elsewhere")));
  const std::string everywhere = encode_payload(kOther, adapters::LookAtLog{});
  for (const auto& payload : {std::string{}, std::string{"hello"}, good.substr(0, 16), good.substr(0, good.size() - 1),
                              good + "x", good + good.substr(16), elsewhere, everywhere, std::string(40, '\0')}) {
    const auto message = decode_payload(here, payload, kOwn);
    ASSERT_TRUE(is<Unreadable>(message));
    EXPECT_EQ(std::get<Unreadable>(message).channel, room());
  }
  const auto strange = decode_payload("danwa:nothing", good, kOwn);
  ASSERT_TRUE(is<Unreadable>(strange));
  EXPECT_EQ(std::get<Unreadable>(strange).channel, std::nullopt);
  const auto large = decode_payload(kPresenceChannel, encode_payload(kOther, std::string(kMaxPresence + 1, 'p')), kOwn);
  EXPECT_TRUE(is<Unreadable>(large));
}

}  // namespace
}  // namespace danwa::infra
