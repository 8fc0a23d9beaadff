#include "infra/redis/redis_session.hpp"

#include <gtest/gtest.h>

#include "support/bus_recorder.hpp"

namespace danwa::redis {
namespace {

using tests::room;
using tests::update_frame;

/// What a queue gives, as words: a seq, `look:<room>`, `presence:<text>`.
std::vector<std::string> drain(PublishQueue& queue) {
  std::vector<std::string> all;
  while (const auto message = queue.take()) {
    if (const auto* frame = std::get_if<delivery::FramePtr>(&*message)) all.push_back(std::to_string((*frame)->seq()));
    if (const auto* mark = std::get_if<delivery::CheckLog>(&*message)) all.push_back("look:" + mark->channel->key);
    if (const auto* note = std::get_if<PresenceToSend>(&*message)) all.push_back("presence:" + note->text);
  }
  return all;
}

using Words = std::vector<std::string>;

TEST(PublishQueue, GivesInOrderWhatWasPutIn) {
  PublishQueue queue;
  queue.put(update_frame(1));
  queue.put(PresenceToSend{"here"});
  queue.put(update_frame(2));
  EXPECT_EQ(drain(queue), (Words{"1", "presence:here", "2"}));
  EXPECT_EQ(queue.bytes(), 0U);
}

TEST(PublishQueue, WakesItsTakerOnce) {
  PublishQueue queue;
  EXPECT_TRUE(queue.put(update_frame(1)).wake);
  EXPECT_FALSE(queue.put(update_frame(2)).wake);
  queue.woken();
  EXPECT_TRUE(queue.put(update_frame(3)).wake);
}

TEST(PublishQueue, DropsTheOldestAndSaysWhereToLook) {
  PublishQueue queue{{.messages = 3}};
  std::size_t dropped = 0;
  for (domain::Seq seq = 1; seq <= 4; ++seq) dropped += queue.put(update_frame(seq, room("a"))).dropped;
  dropped += queue.put(update_frame(1, room("b"))).dropped;
  dropped += queue.put(PresenceToSend{"here"}).dropped;
  EXPECT_EQ(dropped, 3U);
  EXPECT_EQ(drain(queue), (Words{"look:a", "4", "1", "presence:here"}));
}

TEST(PublishQueue, ForgetsPresenceWithoutAMark) {
  PublishQueue queue{{.messages = 1}};
  queue.put(PresenceToSend{"here"});
  EXPECT_EQ(queue.put(update_frame(5)).dropped, 1U);
  EXPECT_EQ(drain(queue), Words{"5"});
}

TEST(PublishQueue, KeepsItsBytes) {
  PublishQueue queue{{.bytes = 10'000}};
  std::size_t dropped = 0;
  for (domain::Seq seq = 1; seq <= 100; ++seq) {
    dropped += queue.put(update_frame(seq, room(), 1'000)).dropped;
    EXPECT_LE(queue.bytes(), 10'000U);
  }
  const auto left = drain(queue);
  EXPECT_EQ(left.front(), "look:room");
  EXPECT_EQ(left.size() - 1 + dropped, 100U);
  EXPECT_EQ(left.back(), "100");
}

TEST(PublishQueue, PassesOverWhatNoEnvelopeHolds) {
  PublishQueue queue;
  queue.put(update_frame(1));
  EXPECT_EQ(queue.put(update_frame(2, room("large"), 1024 * 1024)).dropped, 1U);
  EXPECT_EQ(queue.put(PresenceToSend{std::string(64 * 1024 + 1, 'p')}).dropped, 1U);
  EXPECT_EQ(drain(queue), (Words{"look:large", "1"}));
}

TEST(PublishQueue, RemembersABoundedNumberOfChannels) {
  PublishQueue queue{{.messages = 1, .marks = 2}};
  for (int i = 0; i < 10; ++i) queue.put(update_frame(1, room(std::to_string(i))));
  EXPECT_EQ(drain(queue), (Words{"look:0", "look:1", "1"}));
}

}  // namespace
}  // namespace danwa::redis
