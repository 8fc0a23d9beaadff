#include "usecase/presence/presence_stream.hpp"

#include <gtest/gtest.h>

#include "presence_net.hpp"

namespace danwa::presence {
namespace {

using namespace tests;
using Channels = std::vector<domain::ChannelKey>;

TEST(PresenceCoverage, AConversationIsCoveredWhenEveryOtherNodeHasAnswered) {
  Node a{"a"}, b{"b"}, c{"c"};
  Net net{&a, &b, &c};
  a.enter(in("kitchen", "carl"));
  net.run(milliseconds{500});
  b.table.set_wanted(room("kitchen"), true, net.now);
  const Time began = net.now;
  Channels covered;
  while (covered.empty() && net.now < began + milliseconds{190}) {
    net.run(milliseconds{10});
    covered = b.table.take_covered();
  }
  EXPECT_EQ(covered, Channels{room("kitchen")});
  EXPECT_EQ(b.sees("kitchen"), Names{"carl"});
  EXPECT_LE(net.now, began + milliseconds{60}) << "three gathers at most, and nobody had to wait for a beat";
}

TEST(PresenceCoverage, AConversationIsCoveredAtOnceWithoutOtherNodes) {
  Node a{"a"};
  a.table.set_wanted(room(), true, start_time());
  a.table.tick(start_time());
  EXPECT_EQ(a.table.take_covered(), Channels{room()});
}

TEST(PresenceCoverage, ASilentNodeHoldsUpAConversationFor200Ms) {
  Pair pair;
  pair.run(milliseconds{500});
  pair.a.table.take_covered();
  pair.a.table.set_wanted(room("kitchen"), true, pair.now);
  const Time began = pair.now;
  for (; pair.now < began + milliseconds{200}; pair.now += milliseconds{10}) {
    pair.say(pair.a);
    ASSERT_TRUE(pair.a.table.take_covered().empty());
  }
  EXPECT_LE(pair.a.table.next_due(), pair.now);
  pair.say(pair.a);
  EXPECT_EQ(pair.a.table.take_covered(), Channels{room("kitchen")});
}

TEST(PresenceCoverage, ADeltaThatWasLostHoldsUpItsConversation) {
  Pair pair;
  pair.a.enter(in("kitchen", "carl"));
  pair.run(milliseconds{490});
  pair.b.table.take_covered();
  pair.b.table.set_wanted(room("kitchen"), true, pair.now);
  pair.deliver(pair.b, pair.say(pair.b));
  const auto late = pair.say(pair.a);
  EXPECT_TRUE(pair.b.table.receive("a-1", "2 beat a 1\n= b 1 2 2", pair.now)) << "it has answered with its delta 1";
  pair.say(pair.b);
  EXPECT_TRUE(pair.b.table.take_covered().empty());
  pair.deliver(pair.a, late);
  pair.say(pair.b);
  EXPECT_EQ(pair.b.sees("kitchen"), Names{"carl"});
  EXPECT_EQ(pair.b.table.take_covered(), Channels{room("kitchen")});
}

}  // namespace
}  // namespace danwa::presence
