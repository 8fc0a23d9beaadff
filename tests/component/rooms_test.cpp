#include <gtest/gtest.h>

#include "component/test_node.hpp"

namespace danwa::tests {
namespace {

using nlohmann::json;

class RoomsOverHttp : public NodeTest {
 protected:
  static constexpr const char* kRoom = "/v1/conversations/lobby";

  Answer ask(const std::string& method, const std::string& below, const std::string& user,
             const std::string& body = {}) {
    return client_.request(method, kRoom + below, as(user), body);
  }
  std::unique_ptr<TestConnection> watch(const std::string& user, const std::string& query = "") {
    auto watcher = std::make_unique<TestConnection>(node_.port());
    EXPECT_EQ(watcher->open_websocket(std::string{kRoom} + "/updates" + query, as(user)).status, 101);
    EXPECT_EQ(watcher->frame()["type"], "watching");
    return watcher;
  }
};

TEST_F(RoomsOverHttp, EverythingThatHappensToARoomIsInItsLog) {
  const auto watcher = watch("bob");
  EXPECT_EQ(ask("PUT", "", "ann", R"({"title":"Night shift","visibility":"open"})").status, 201);
  EXPECT_EQ(ask("PUT", "/members/bob", "ann").status, 201);
  EXPECT_EQ(ask("DELETE", "/members/bob", "bob").status, 204);
  std::vector<std::string> seen;
  for (int seq = 1; seq <= 4; ++seq) {
    const json frame = watcher->frame();
    EXPECT_EQ(frame["payload"]["seq"], seq);
    EXPECT_EQ(frame["payload"]["conversationKey"], "lobby");
    seen.push_back(frame["type"]);
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"member-joined", "conversation-updated", "member-joined", "member-left"}));
  EXPECT_EQ(get(std::string{kRoom} + "/updates?after=1&limit=1").json()["updates"][0]["payload"]["title"],
            "Night shift");
}

TEST_F(RoomsOverHttp, ARoomSurvivesWhatItIs) {
  ask("PUT", "", "ann", R"({"title":"Night shift","visibility":"private"})");
  const json shown = ask("GET", "", "ann").json();
  EXPECT_EQ(shown["title"], "Night shift");
  EXPECT_EQ(shown["visibility"], "private");
  EXPECT_EQ(shown["role"], "owner");
  EXPECT_EQ(ask("GET", "/members", "ann").json()["members"].size(), 1U);
  const json listed = get("/v1/conversations", as("ann")).json()["conversations"];
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0]["member"], true);
  EXPECT_TRUE(get("/v1/conversations", as("bob")).json()["conversations"].empty());
}

TEST_F(RoomsOverHttp, LosingTheMembershipEndsTheWatch) {
  ask("PUT", "", "ann", R"({"visibility":"private"})");
  ask("PUT", "/members/bob", "ann");
  const auto bob = watch("bob");
  const auto ann = watch("ann");
  EXPECT_EQ(ask("DELETE", "/members/bob", "ann").status, 204);
  say("secret", "lobby", "ann");
  json last = bob->frame();
  if (last["type"] == "member-left") last = bob->frame();
  EXPECT_EQ(last["close"], 4403);
  EXPECT_EQ(ann->frame()["type"], "member-left");
  EXPECT_EQ(ann->frame()["payload"]["commentContent"], "secret");
}

TEST_F(RoomsOverHttp, WhatTheNodeKnowsOfARoomIsNeverBehindItsOwnAnswers) {
  ask("PUT", "", "ann", R"({"visibility":"private"})");
  const std::string path = "/v1/conversations/lobby/presence";
  for (int round = 0; round < 50; ++round) {
    ASSERT_EQ(get(path, as("bob")).status, 403) << round;
    ask("PUT", "/members/bob", "ann");
    ASSERT_EQ(get(path, as("bob")).status, 200) << round;
    ask("DELETE", "/members/bob", "ann");
  }
  ASSERT_EQ(get(path, as("bob")).status, 403);
  ask("PUT", "", "ann", R"({"visibility":"open"})");
  ASSERT_EQ(get(path, as("bob")).status, 200);
}

TEST_F(RoomsOverHttp, AMemberOfAPrivateRoomWhoLeavesAndComesBackGoesOn) {
  ask("PUT", "", "ann", R"({"visibility":"private"})");
  ask("PUT", "/members/bob", "ann");
  ask("DELETE", "/members/bob", "ann");
  ask("PUT", "/members/bob", "ann");
  const auto bob = watch("bob", "?after=0");
  std::vector<std::string> seen;
  for (int seq = 1; seq <= 5; ++seq) seen.push_back(bob->frame()["type"]);
  EXPECT_EQ(seen, (std::vector<std::string>{"member-joined", "conversation-updated", "member-joined", "member-left",
                                            "member-joined"}))
      << "what was once their leaving ends nothing now";
}

TEST_F(RoomsOverHttp, WritesWithoutATokenAreRefused) {
  const Headers json_only{{"Content-Type", "application/json"}};
  EXPECT_EQ(client_.request("PUT", kRoom, json_only, "{}").status, 401);
  EXPECT_EQ(TestConnection{node_.port()}.request("PUT", std::string{kRoom} + "/members/ann").status, 401);
  EXPECT_EQ(TestConnection{node_.port()}.request("DELETE", std::string{kRoom} + "/members/ann").status, 401);
  EXPECT_EQ(get(kRoom).status, 200) << "an open one is there to be seen";
}

}  // namespace
}  // namespace danwa::tests
