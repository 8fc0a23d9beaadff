#include <gtest/gtest.h>

#include "component/test_node.hpp"
#include "domain/channel/cursor.hpp"

// `Danwa-Position` over real sockets.

namespace danwa::tests {
namespace {

using nlohmann::json;

class PositionsOverHttp : public NodeTest {
 protected:
  /// The position that an answer tells; fails the test when there is none.
  static domain::Position told(const Answer& answer) {
    const auto position = domain::Position::parse(answer.header("danwa-position"));
    EXPECT_TRUE(position) << answer.status << ' ' << answer.body;
    return position ? *position : domain::Position{};
  }
  Answer ask(const std::string& method, const std::string& target, const std::string& body = {}) {
    return client_.request(method, target, as("ann"), body);
  }
  Answer read(const std::string& target, const domain::Position& position) {
    return get(target, with(as("ann"), "Danwa-Position", position.to_string()));
  }
};

TEST_F(PositionsOverHttp, GrowWithEveryWriteAndAreShownByEveryRead) {
  const auto sent = say("hello", "lobby", "ann");
  const std::string comment = "/v1/comments/" + sent.json()["id"].get<std::string>();
  std::vector<domain::Position> all{told(sent)};
  all.push_back(told(ask("PATCH", comment, R"({"content":"bye"})")));
  all.push_back(told(ask("PUT", "/v1/conversations/lobby", R"({"title":"Lobby"})")));
  all.push_back(told(ask("PUT", "/v1/conversations/lobby/members/bob")));
  all.push_back(told(ask("DELETE", "/v1/conversations/lobby/members/bob")));
  all.push_back(told(ask("POST", "/v1/notifications", R"({"to":{"user":"ann"},"text":"hi"})")));
  const json mutation{{"query", R"(mutation { sendComment(conversationKey: "lobby", content: "x") { seq } })"}};
  all.push_back(told(ask("POST", "/graphql", mutation.dump())));
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_GT(all[i].number, all[i - 1].number) << i;
  for (const std::string& target :
       {comment, std::string{"/v1/conversations"}, std::string{"/v1/conversations/lobby"},
        std::string{"/v1/conversations/lobby/comments"}, std::string{"/v1/conversations/lobby/members"},
        std::string{"/v1/conversations/lobby/updates"}, std::string{"/v1/notifications/updates"},
        std::string{"/graphql?query=%7Bcomments(conversationKey:%22lobby%22)%7BheadSeq%7D%7D"}}) {
    const auto answer = read(target, all.back());
    EXPECT_EQ(answer.status, 200) << target;
    EXPECT_TRUE(told(answer).covers(all.back())) << target;
  }
}

TEST_F(PositionsOverHttp, AReplayTellsOneAtWhichItsCommentIsThere) {
  const auto headers = with(as("ann"), "Idempotency-Key", "k");
  const std::string body = R"({"content":"x","conversationKey":"lobby"})";
  const auto first = told(post(body, headers));
  say("another");
  const auto again = post(body, headers);
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  EXPECT_TRUE(told(again).covers(first));
}

TEST_F(PositionsOverHttp, AWatchFromNowIsNotBeforeIt) {
  const auto position = told(say("hello"));
  TestConnection watcher{node_.port()};
  const auto target = "/v1/conversations/lobby/updates?position=" + position.to_string();
  EXPECT_EQ(watcher.open_websocket(target, as("ann")).status, 101);
  EXPECT_EQ(watcher.frame()["payload"]["cursor"], position.epoch + ":1");
  say("again");
  EXPECT_EQ(watcher.frame()["payload"]["seq"], 2);
}

TEST_F(PositionsOverHttp, AMalformedOneRefusesTheReadAndTheWatch) {
  for (const char* target : {"/v1/conversations/lobby/comments?position=x",
                             "/v1/conversations/lobby/updates?position=x", "/v1/notifications/updates?position=x"}) {
    const auto refused = get(target, as("ann"));
    EXPECT_EQ(refused.status, 400) << target;
    EXPECT_EQ(refused.json()["errors"][0]["errorCode"], "position-invalid");
    EXPECT_EQ(refused.json()["errors"][0]["resource"], "Danwa-Position");
  }
  TestConnection watcher{node_.port()};
  EXPECT_EQ(watcher.open_websocket("/v1/conversations/lobby/updates?position=x", as("ann")).status, 400);
}

TEST_F(PositionsOverHttp, OneOfAReplacedDatabaseIsAnsweredWithThePresentOne) {
  const auto present = told(say("hello"));
  for (const auto& foreign : {domain::Position{"gone", 7}, domain::Position{present.epoch, present.number + 1000}}) {
    const auto page = read("/v1/conversations/lobby/comments", foreign);
    EXPECT_EQ(page.json()["headSeq"], 1);
    EXPECT_EQ(told(page), present);
  }
}

}  // namespace
}  // namespace danwa::tests
