#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "infra/caf/bus_actor.hpp"

namespace danwa::caf {
namespace {

using Messages = std::vector<std::string>;

std::string entry(char operation, const std::string& channel) {
  return std::string{operation} + '\0' + static_cast<char>(channel.size()) + channel;
}

TEST(InterestInbox, WakesNobodyWithoutAPeer) {
  InterestInbox interest;
  EXPECT_FALSE(interest.note("a", true));
  EXPECT_FALSE(interest.note("b", true));
  EXPECT_FALSE(interest.note("a", false));
  EXPECT_EQ(interest.all(), Messages{entry('=', "") + entry('+', "b")}) << "a peer that comes hears everything";
}

TEST(InterestInbox, WakesOnceForAllThatHasNotBeenTaken) {
  InterestInbox interest;
  interest.set_linked(true);
  EXPECT_TRUE(interest.note("a", true));
  EXPECT_FALSE(interest.note("b", true));
  EXPECT_EQ(interest.take_news(), Messages{entry('+', "a") + entry('+', "b")});
  EXPECT_TRUE(interest.note("a", false));
  EXPECT_FALSE(interest.note("a", true));
  EXPECT_EQ(interest.take_news(), Messages{}) << "what was left and watched again is no news";
}

TEST(InterestInbox, KnowsWhatHappenedWhileThereWasNoPeer) {
  InterestInbox interest;
  interest.set_linked(true);
  interest.note("a", true);
  interest.set_linked(false);
  EXPECT_FALSE(interest.note("a", false));
  EXPECT_FALSE(interest.note("b", true));
  interest.set_linked(true);
  EXPECT_EQ(interest.all(), Messages{entry('=', "") + entry('+', "b")});
  interest.take_news();
  EXPECT_TRUE(interest.note("a", true));
  EXPECT_EQ(interest.take_news(), Messages{entry('+', "a")});
}

}  // namespace
}  // namespace danwa::caf
