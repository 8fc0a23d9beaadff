#include "adapters/grpc/call_metadata.hpp"

#include <gtest/gtest.h>

namespace danwa::adapters::rpc {
namespace {

TEST(CallMetadata, WithoutAnythingTheConversationIsTheLobby) {
  const CallMetadata nothing{{}};
  EXPECT_EQ(nothing.complete(WatchRequest{}).conversation_key, "lobby");
  EXPECT_EQ(nothing.complete(CommentRequest{}).conversation_key, "lobby");
  EXPECT_EQ(nothing.complete(PageRequest{}).conversation_key, "lobby");
  EXPECT_EQ(nothing.complete(WatchRequest{}).after, "");
}

TEST(CallMetadata, FillsInWhatARequestLeavesOut) {
  const CallMetadata metadata{
      {{"conversation-key", "room"}, {"after", "7"}, {"delivery", "latest"}, {"idempotency-key", "once"}}};
  const auto watch = metadata.complete(WatchRequest{});
  EXPECT_EQ(watch.conversation_key, "room");
  EXPECT_EQ(watch.after, "7");
  EXPECT_EQ(watch.delivery, "latest");
  EXPECT_EQ(metadata.complete(CommentRequest{}).idempotency_key, "once");
  EXPECT_EQ(metadata.complete(PageRequest{}).after, "7");
}

TEST(CallMetadata, WhatARequestSaysCounts) {
  const CallMetadata metadata{{{"conversation-key", "room"}, {"after", "7"}}};
  const auto watch = metadata.complete(WatchRequest{"other", "9", "complete"});
  EXPECT_EQ(watch.conversation_key, "other");
  EXPECT_EQ(watch.after, "9");
}

TEST(CallMetadata, AKeyBeyondAsciiComesInBinary) {
  const CallMetadata metadata{{{"conversation-key-bin", "談話"}, {"conversation-key", "room"}}};
  EXPECT_EQ(metadata.complete(WatchRequest{}).conversation_key, "談話");
}

TEST(CallMetadata, TakesABearerTokenByTheRulesOfTheHttpEndpoint) {
  EXPECT_EQ(CallMetadata{{}}.bearer_token().value(), std::nullopt);
  EXPECT_EQ((CallMetadata{{{"authorization", "Bearer ann"}}}.bearer_token().value()), "ann");
  EXPECT_EQ((CallMetadata{{{"authorization", "bearer ann"}}}.bearer_token().value()), "ann");
  for (const auto* wrong : {"Basic YTpi", "Bearer", "Bearer ", "Bearer a b", ""}) {
    const auto token = CallMetadata{{{"authorization", wrong}}}.bearer_token();
    ASSERT_FALSE(token) << wrong;
    EXPECT_EQ(token.error().first().code, "token-invalid");
  }
  EXPECT_FALSE((CallMetadata{{{"authorization", "Bearer a"}, {"authorization", "Bearer b"}}}.bearer_token()));
}

TEST(CallMetadata, AQueryTokenOrSubprotocolIsNoToken) {
  const CallMetadata metadata{{{"sec-websocket-protocol", "danwa.v1, bearer.ann"}, {"access_token", "ann"}}};
  EXPECT_EQ(metadata.bearer_token().value(), std::nullopt);
}

}  // namespace
}  // namespace danwa::adapters::rpc
