#include "usecase/delivery/interest.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace danwa::delivery {
namespace {

/// Two nodes, and the messages between them.
struct Interest : testing::Test {
  OwnInterest mine;
  PeerInterest theirs;
  std::vector<std::string> added;

  bool tell(const std::vector<std::string>& messages) {
    bool understood = true;
    for (const auto& message : messages) {
      understood = theirs.hear(message, [this](const std::string& channel) { added.push_back(channel); }) && understood;
    }
    return understood;
  }
};

TEST_F(Interest, APeerThatSaidNothingWantsEverything) { EXPECT_TRUE(theirs.wants("demo/c/room")); }

TEST_F(Interest, TheFirstWordIsTheWholeSet) {
  mine.watched("a");
  mine.watched("b");
  EXPECT_TRUE(tell(mine.all()));
  EXPECT_TRUE(theirs.wants("a"));
  EXPECT_TRUE(theirs.wants("b"));
  EXPECT_FALSE(theirs.wants("c"));
  EXPECT_EQ(added, (std::vector<std::string>{"a", "b"}));
}

TEST_F(Interest, ANodeThatWatchesNothingGetsNothing) {
  EXPECT_TRUE(tell(mine.all()));
  EXPECT_FALSE(theirs.wants("a"));
}

TEST_F(Interest, ChangesFollow) {
  mine.watched("a");
  EXPECT_TRUE(tell(mine.all()));
  EXPECT_TRUE(tell(mine.take_news()));  // says "a" again
  mine.watched("b");
  mine.unwatched("a");
  EXPECT_TRUE(mine.has_news());
  EXPECT_TRUE(tell(mine.take_news()));
  EXPECT_FALSE(theirs.wants("a"));
  EXPECT_TRUE(theirs.wants("b"));
  EXPECT_EQ(added, (std::vector<std::string>{"a", "b"})) << "each once";
  EXPECT_FALSE(mine.has_news());
}

TEST_F(Interest, WhatCameAndWentIsNoNews) {
  mine.watched("a");
  mine.unwatched("a");
  EXPECT_FALSE(mine.has_news());
  mine.watched("b");
  EXPECT_EQ(mine.take_news().size(), 1U);
  mine.unwatched("b");
  mine.watched("b");
  EXPECT_FALSE(mine.has_news());
}

TEST_F(Interest, ManyChannelsTakeSeveralMessages) {
  for (int i = 0; i < 5'000; ++i) mine.watched(std::string(100, 'x') + std::to_string(i));
  const auto messages = mine.all();
  EXPECT_GT(messages.size(), 5U);
  for (const auto& message : messages) EXPECT_LE(message.size(), OwnInterest::kMostBytes);
  EXPECT_TRUE(tell(messages));
  for (int i = 0; i < 5'000; ++i) EXPECT_TRUE(theirs.wants(std::string(100, 'x') + std::to_string(i)));
  EXPECT_EQ(added.size(), 5'000U);
}

TEST_F(Interest, AMalformedMessageMakesThePeerWantEverything) {
  EXPECT_TRUE(tell(mine.all()));
  for (const std::string& wrong : {std::string{"+"}, std::string{"+\0\5ab", 5}, std::string{"?\0\1a", 4}}) {
    EXPECT_FALSE(tell({wrong}));
    EXPECT_TRUE(theirs.wants("c"));
    EXPECT_TRUE(tell(mine.all()));
    EXPECT_FALSE(theirs.wants("c"));
  }
}

}  // namespace
}  // namespace danwa::delivery
