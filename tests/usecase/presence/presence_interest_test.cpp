#include "usecase/presence/presence_shard.hpp"

#include <gtest/gtest.h>

#include "people.hpp"

namespace danwa::presence {
namespace {

using namespace tests;
using std::chrono::seconds;

/// " +a -b": the changes, by key.
std::string changes(PresenceInterest& interest) {
  std::map<std::string, bool> sorted;
  for (const auto& [channel, wanted] : interest.take_changes()) sorted[channel.key] = wanted;
  std::string all;
  for (const auto& [key, wanted] : sorted) all += (wanted ? " +" : " -") + key;
  return all;
}

TEST(PresenceInterest, LastsThirtySecondsLongerThanTheLastWatch) {
  PresenceInterest interest{10};
  const Time now = start_time();
  interest.watch(room("a"), false);
  interest.watch(room("a"), false);
  EXPECT_EQ(changes(interest), " +a");
  interest.unwatch(room("a"), now);
  interest.expire(now + seconds{100});
  EXPECT_EQ(changes(interest), "");
  interest.unwatch(room("a"), now);
  EXPECT_EQ(interest.next_due(), now + seconds{30});
  interest.expire(now + seconds{29});
  EXPECT_EQ(changes(interest), "");
  interest.expire(now + seconds{30});
  EXPECT_EQ(changes(interest), " -a");
  EXPECT_EQ(interest.next_due(), Time::max());
}

TEST(PresenceInterest, LastsThirtySecondsLongerThanTheLastRead) {
  PresenceInterest interest{10};
  const Time now = start_time();
  interest.read(room("a"), now);
  interest.read(room("b"), now);
  interest.read(room("a"), now + seconds{20});
  EXPECT_EQ(changes(interest), " +a +b");
  interest.expire(now + seconds{30});
  EXPECT_EQ(changes(interest), " -b");
  interest.watch(room("a"), false);
  interest.read(room("a"), now);
  interest.expire(now + seconds{90});
  EXPECT_EQ(changes(interest), "");
}

TEST(PresenceInterest, TheOldestUnwatchedConversationGoesFirst) {
  PresenceInterest interest{2};
  const Time now = start_time();
  interest.watch(room("watched"), false);
  for (const char* key : {"a", "b", "c"}) interest.read(room(key), now);
  EXPECT_EQ(changes(interest), " -a +b +c +watched");
  interest.unwatch(room("watched"), now);
  EXPECT_EQ(changes(interest), " -b");
}

TEST(PresenceInterest, AReaderWaitsUntilTheConversationIsCovered) {
  PresenceInterest interest{1};
  int resumed = 0;
  const auto resume = [&resumed](bool) { ++resumed; };
  interest.read(room("a"), start_time());
  interest.wait(room("a"), resume);
  interest.wait(room("a"), resume);
  EXPECT_EQ(resumed, 0);
  EXPECT_FALSE(interest.covered(room("a")));
  interest.cover(room("a"));
  EXPECT_EQ(resumed, 2);
  EXPECT_TRUE(interest.covered(room("a")));
  interest.wait(room("a"), resume);
  interest.wait(room("nobody wants it"), resume);
  EXPECT_EQ(resumed, 4);
  interest.watch(room("a"), false);
  EXPECT_TRUE(interest.covered(room("a")));
}

TEST(PresenceInterest, NoReaderWaitsForWhatIsForgottenOrClosed) {
  PresenceInterest interest{1};
  int resumed = 0;
  const auto resume = [&resumed](bool) { ++resumed; };
  interest.read(room("a"), start_time());
  interest.wait(room("a"), resume);
  interest.read(room("b"), start_time());
  EXPECT_EQ(resumed, 1) << "b has taken the place of a";
  interest.wait(room("b"), resume);
  interest.close();
  EXPECT_EQ(resumed, 2);
  interest.read(room("c"), start_time());
  interest.wait(room("c"), resume);
  EXPECT_EQ(resumed, 3);
}

}  // namespace
}  // namespace danwa::presence
