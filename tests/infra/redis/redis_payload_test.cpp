#include "infra/redis/redis_payload.hpp"

#include <gtest/gtest.h>

#include "support/bus_recorder.hpp"

namespace danwa::redis {
namespace {

using tests::room;
using tests::update_frame;

const SenderId kOwn{'o', 'w', 'n'};
const SenderId kOther{'o', 't', 'h', 'e', 'r'};

constexpr std::string_view kDatabase = "db";

RedisMessage decode(std::string_view channel, std::string_view payload) {
  return decode_payload(channel, payload, kOwn, kDatabase);
}

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

TEST(RedisPayload, NamesAPresenceChannelForEachNode) {
  const std::string own = presence_channel(std::string_view{"\x00\xA9z", 3});
  EXPECT_EQ(own, "danwa:presence:00a97a");
  EXPECT_EQ(channel_of(own), std::nullopt);
  EXPECT_TRUE(is<delivery::PresenceMessage>(decode(own, encode_payload(kOther, "x", kDatabase))));
  EXPECT_TRUE(is<Unreadable>(decode("danwa:presences", encode_payload(kOther, "x", kDatabase))));
}

TEST(RedisPayload, CarriesAnUpdateAsItIs) {
  const auto frame = update_frame(7);
  const auto message = decode(redis_channel(room()), encode_payload(kOther, 1, *frame, kDatabase));
  ASSERT_TRUE(is<delivery::LoggedUpdate>(message));
  EXPECT_EQ(std::get<delivery::LoggedUpdate>(message), (delivery::LoggedUpdate{*frame->update(), frame->epoch()}));
}

TEST(RedisPayload, CarriesMarksAndPresence) {
  const auto mark = decode(redis_channel(room()), encode_payload(kOther, delivery::CheckLog{room()}, kDatabase));
  ASSERT_TRUE(is<delivery::CheckLog>(mark));
  EXPECT_EQ(std::get<delivery::CheckLog>(mark).channel, room());
  const std::string text = std::string{"\0\r\n", 3} + std::string(kMaxPresence - 3, 'p');
  const auto presence = decode(kPresenceChannel, encode_payload(kOther, text, kDatabase));
  ASSERT_TRUE(is<delivery::PresenceMessage>(presence));
  EXPECT_EQ(std::get<delivery::PresenceMessage>(presence).text, text);
}

TEST(RedisPayload, PassesOverItsOwn) {
  EXPECT_TRUE(is<OwnMessage>(decode(redis_channel(room()), encode_payload(kOwn, 1, *update_frame(1), kDatabase))));
  EXPECT_TRUE(is<OwnMessage>(decode(kPresenceChannel, encode_payload(kOwn, "x", kDatabase))));
  EXPECT_NE(draw_sender_id(), draw_sender_id());
}

TEST(RedisPayload, RefusesAllElseAndKnowsWhereToLook) {
  const std::string here = redis_channel(room());
  const std::string good = encode_payload(kOther, 1, *update_frame(1), kDatabase);
  const std::string elsewhere = encode_payload(kOther, 1, *update_frame(1, room("elsewhere")), kDatabase);
  const std::string everywhere = encode_payload(kOther, delivery::CheckLog{}, kDatabase);
  for (const auto& payload : {std::string{}, std::string{"hello"}, good.substr(0, 16), good.substr(0, good.size() - 1),
                              good + "x", good + good.substr(16), elsewhere, everywhere, std::string(40, '\0')}) {
    const auto message = decode(here, payload);
    ASSERT_TRUE(is<Unreadable>(message));
    EXPECT_EQ(std::get<Unreadable>(message).channel, room());
  }
  const auto strange = decode("danwa:nothing", good);
  ASSERT_TRUE(is<Unreadable>(strange));
  EXPECT_EQ(std::get<Unreadable>(strange).channel, std::nullopt);
  EXPECT_TRUE(is<Unreadable>(decode(kPresenceChannel, good)));
  EXPECT_TRUE(is<Unreadable>(decode(here, encode_payload(kOther, "x", kDatabase))));
  const auto large = decode(kPresenceChannel, encode_payload(kOther, std::string(kMaxPresence + 1, 'p'), kDatabase));
  EXPECT_TRUE(is<Unreadable>(large));
}

TEST(RedisPayload, TellsTheNodesOfAnotherDatabase) {
  const std::string here = redis_channel(room());
  for (const auto& payload :
       {encode_payload(kOther, 1, *update_frame(1), "copy"), encode_payload(kOther, delivery::CheckLog{room()}, "copy"),
        encode_payload(kOther, 1, *update_frame(1), "")}) {
    const auto message = decode(here, payload);
    ASSERT_TRUE(is<Foreign>(message));
    EXPECT_EQ(std::get<Foreign>(message).channel, room());
  }
  EXPECT_TRUE(is<Foreign>(decode(kPresenceChannel, encode_payload(kOther, "x", "copy"))));
}

TEST(RedisPayload, TellsAVersionThatItDoesNotKnow) {
  for (const auto& [channel, payload] :
       {std::pair{redis_channel(room()), encode_payload(kOther, 1, *update_frame(1), kDatabase)},
        std::pair{std::string{kPresenceChannel}, encode_payload(kOther, "x", kDatabase)}}) {
    auto later = payload;
    later[kOther.size() + 1] = 9;
    const auto message = decode(channel, later);
    ASSERT_TRUE(is<Unreadable>(message));
    EXPECT_EQ(std::get<Unreadable>(message).version, 9);
  }
}

}  // namespace
}  // namespace danwa::redis
