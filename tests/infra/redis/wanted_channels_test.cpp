#include "infra/redis/redis_session.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "infra/redis/redis_connection.hpp"
#include "infra/redis/redis_payload.hpp"
#include "support/bus_recorder.hpp"

namespace danwa::redis {
namespace {

using tests::room;

constexpr std::size_t kAll = 1'000'000;

std::string told(WantedChannels& channels) {
  std::string out;
  channels.write(out, kAll);
  return out;
}

std::string commands(const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::string out;
  for (const auto& [word, name] : pairs) append_command(out, {word, name});
  return out;
}

const std::string kPresence{kPresenceChannel};
const std::string kOwnPresence = presence_channel("me");
const std::string kA = redis_channel(room("a"));
const std::string kB = redis_channel(room("b"));

TEST(WantedChannels, TellsNothingWithoutAConnection) {
  WantedChannels channels{kOwnPresence};
  channels.want(room("a"));
  EXPECT_EQ(told(channels), "");
  EXPECT_FALSE(channels.take_recovered());
}

TEST(WantedChannels, TellsEachConnectionOfEverythingPresenceFirst) {
  WantedChannels channels{kOwnPresence};
  channels.want(room("a"));
  channels.want(room("b"));
  for (int round = 0; round < 2; ++round) {
    channels.connected();
    EXPECT_EQ(told(channels),
              commands({{"SUBSCRIBE", kPresence}, {"SUBSCRIBE", kOwnPresence}, {"SUBSCRIBE", kA}, {"SUBSCRIBE", kB}}));
    EXPECT_FALSE(channels.take_recovered());
    EXPECT_EQ(channels.subscribed(kPresence), std::nullopt);
    EXPECT_EQ(channels.subscribed(kOwnPresence), std::nullopt);
    EXPECT_EQ(channels.subscribed(kA), std::nullopt);  // one look everywhere instead
    EXPECT_FALSE(channels.take_recovered());
    EXPECT_EQ(channels.subscribed(kB), std::nullopt);
    EXPECT_TRUE(channels.take_recovered());
    EXPECT_FALSE(channels.take_recovered());
    channels.disconnected();
  }
}

TEST(WantedChannels, LooksAtAChannelThatIsWatchedLater) {
  WantedChannels channels{kOwnPresence};
  channels.connected();
  told(channels);
  channels.subscribed(kPresence);
  channels.subscribed(kOwnPresence);
  EXPECT_TRUE(channels.take_recovered());
  channels.want(room("a"));
  channels.want(room("a"));
  EXPECT_EQ(told(channels), commands({{"SUBSCRIBE", kA}}));
  EXPECT_EQ(channels.subscribed(kA), room("a"));
  EXPECT_FALSE(channels.take_recovered());
}

TEST(WantedChannels, TellsOnlyWhatChanged) {
  WantedChannels channels{kOwnPresence};
  channels.connected();
  told(channels);
  channels.want(room("a"));
  channels.forget(room("a"));
  EXPECT_EQ(told(channels), "");  // came and went
  channels.want(room("a"));
  told(channels);
  channels.forget(room("a"));
  channels.forget(room("a"));
  channels.forget(room("never"));
  EXPECT_EQ(told(channels), commands({{"UNSUBSCRIBE", kA}}));
  channels.forget(room("a"));
  EXPECT_EQ(told(channels), "");
  channels.want(room("a"));
  channels.forget(room("a"));
  channels.want(room("a"));
  EXPECT_EQ(told(channels), commands({{"SUBSCRIBE", kA}}));
}

TEST(WantedChannels, RecoversThoughAChannelWentMeanwhile) {
  WantedChannels channels{kOwnPresence};
  channels.want(room("a"));
  channels.connected();
  channels.forget(room("a"));
  EXPECT_EQ(told(channels), commands({{"SUBSCRIBE", kPresence}, {"SUBSCRIBE", kOwnPresence}}));
  channels.subscribed(kPresence);
  channels.subscribed(kOwnPresence);
  EXPECT_TRUE(channels.take_recovered());
  channels.disconnected();
  channels.connected();
  EXPECT_EQ(told(channels), commands({{"SUBSCRIBE", kPresence}, {"SUBSCRIBE", kOwnPresence}}));
}

TEST(WantedChannels, ForgetsWithoutAConnectionToo) {
  WantedChannels channels{kOwnPresence};
  channels.want(room("a"));
  channels.forget(room("a"));
  channels.connected();
  EXPECT_EQ(told(channels), commands({{"SUBSCRIBE", kPresence}, {"SUBSCRIBE", kOwnPresence}}));
}

TEST(WantedChannels, WritesInPieces) {
  WantedChannels channels{kOwnPresence};
  for (int i = 0; i < 100; ++i) channels.want(room(std::to_string(i)));
  channels.connected();
  std::size_t all = 0;
  std::string out;
  while (const auto count = channels.write(out, 500)) {
    EXPECT_LT(out.size(), 600U);
    all += count;
    out.clear();
  }
  EXPECT_EQ(all, 102U);
}

TEST(RetryDelay, GrowsUpToABoundWithJitter) {
  RetryDelay delay{1};
  std::chrono::milliseconds full = RetryDelay::kFirst;
  for (int i = 0; i < 20; ++i) {
    const auto next = delay.next();
    EXPECT_GE(next, full / 2);
    EXPECT_LE(next, full);
    full = std::min(2 * full, RetryDelay::kMost);
  }
  EXPECT_EQ(full, RetryDelay::kMost);
  delay.reset();
  EXPECT_LE(delay.next(), RetryDelay::kFirst);
  RetryDelay one{1};
  RetryDelay other{2};
  EXPECT_NE(one.next(), other.next());
}

}  // namespace
}  // namespace danwa::redis
