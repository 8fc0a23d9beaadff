#include <gtest/gtest.h>

#include "component/test_node.hpp"

namespace danwa::tests {
namespace {

using nlohmann::json;

class CommentsOverHttp : public NodeTest {};

TEST_F(CommentsOverHttp, APostAnswersTheSavedComment) {
  const Answer answer = post(R"({"content":"hé\n","conversationKey":"a/b c","clientRef":"r-1"})");
  ASSERT_EQ(answer.status, 201) << answer.body;
  const json comment = answer.json();
  EXPECT_EQ(comment["content"], "hé\n");
  EXPECT_EQ(comment["authorId"], "user-1");
  EXPECT_EQ(comment["conversationKey"], "a/b c");
  EXPECT_EQ(comment["seq"], 1);
  EXPECT_EQ(comment["version"], 1);
  EXPECT_EQ(comment["clientRef"], "r-1");
  EXPECT_EQ(comment["createdAt"], comment["updatedAt"]);
  EXPECT_EQ(answer.header("location"), "/v1/comments/" + comment["id"].get<std::string>());
  EXPECT_EQ(answer.header("etag"), "\"1\"");
  EXPECT_EQ(answer.header("cache-control"), "no-store");
  EXPECT_EQ(get(answer.header("location")).json(), comment);
}

TEST_F(CommentsOverHttp, ARetryWithTheSameKeyGetsTheFirstAnswer) {
  const auto headers = with(as("user-1"), "Idempotency-Key", "k-1");
  const Answer first = post(R"({"content":"a","conversationKey":"lobby"})", headers);
  const Answer again = post(R"({ "conversationKey":"lobby", "content":"a" })", headers);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(first.header("idempotency-replayed"), "");
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  EXPECT_EQ(post(R"({"content":"b","conversationKey":"lobby"})", headers).status, 422);
  EXPECT_EQ(get("/v1/conversations/lobby/comments").json()["headSeq"], 1);
  EXPECT_EQ(post(R"({"content":"a","conversationKey":"lobby"})", with(headers, "Idempotency-Key", "k-1")).status, 400);
}

TEST_F(CommentsOverHttp, AnEditHonoursIfMatch) {
  const std::string path = say("before").header("location");
  const auto edit = [&](const std::string& version) {
    return client_.request("PATCH", path, with(as("user-1"), "If-Match", version), R"({"content":"after"})");
  };
  EXPECT_EQ(edit("\"7\"").status, 412);
  const Answer edited = edit("\"1\"");
  EXPECT_EQ(edited.status, 200);
  EXPECT_EQ(edited.header("etag"), "\"2\"");
  EXPECT_EQ(edited.json()["content"], "after");
  EXPECT_EQ(edit("\"1\"").status, 412);
  EXPECT_EQ(client_.request("PATCH", path, as("user-2"), R"({"content":"mine"})").status, 403);
  EXPECT_EQ(get(path, {{"If-None-Match", "\"2\""}}).status, 304);
}

TEST_F(CommentsOverHttp, ARemovedTextIsGoneEverywhere) {
  const std::string path = say("top secret").header("location");
  client_.request("PATCH", path, as("user-1"), R"({"content":"still secret"})");
  EXPECT_EQ(client_.request("DELETE", path, as("user-2")).status, 403);
  EXPECT_EQ(client_.request("DELETE", path).status, 401);
  EXPECT_EQ(client_.request("DELETE", path, as("user-1")).status, 204);
  EXPECT_EQ(get(path).status, 404);
  const Answer log = get("/v1/conversations/lobby/updates");
  EXPECT_EQ(log.body.find("secret"), std::string::npos) << log.body;
  const json updates = log.json()["updates"];
  ASSERT_EQ(updates.size(), 3U);
  EXPECT_EQ(updates[0]["payload"]["redacted"], true);
  EXPECT_EQ(updates[2]["type"], "comment-deleted");
  EXPECT_TRUE(get("/v1/conversations/lobby/comments").json()["comments"].empty());
}

TEST_F(CommentsOverHttp, AnEditTakesEarlierTextsOnlyWhenItIsToldTo) {
  const std::string path = say("top secret").header("location");
  const auto edit = [&](const std::string& body) { return client_.request("PATCH", path, as("user-1"), body); };
  const auto log = [&] { return get("/v1/conversations/lobby/updates").json()["updates"]; };
  for (const char* plain :
       {R"({"content":"a"})", R"({"content":"a","redact":false})", R"({"content":"a","redact":null})"}) {
    EXPECT_EQ(edit(plain).status, 200);
    EXPECT_EQ(log()[0]["payload"]["commentContent"], "top secret");
  }
  for (const char* wrong : {R"({"content":"b","redact":"true"})", R"({"content":"b","redact":1})"}) {
    const Answer answer = edit(wrong);
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(answer.json()["errors"][0]["errorCode"], "redact-wrong-type");
  }
  const Answer both = edit(R"({"redact":[]})");
  EXPECT_EQ(both.json()["errors"].size(), 2U);
  EXPECT_EQ(edit(R"({"content":"***","redact":true})").json()["version"], 5);
  const json updates = log();
  ASSERT_EQ(updates.size(), 5U);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(updates[i]["payload"]["redacted"], true) << i;
  EXPECT_EQ(updates[4]["payload"]["commentContent"], "***");
  EXPECT_EQ(updates[4]["payload"]["redacts"], true);
  EXPECT_EQ(get(path).json()["content"], "***");
}

TEST_F(CommentsOverHttp, UnknownMalformedAndRemovedIdsLookTheSame) {
  const std::string removed = say("x").header("location");
  client_.request("DELETE", removed, as("user-1"));
  const Answer unknown = get("/v1/comments/00000000-0000-7000-8000-000000000000");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(get("/v1/comments/nonsense").body, unknown.body);
  EXPECT_EQ(get(removed).body, unknown.body);
}

TEST_F(CommentsOverHttp, HistoryIsWalkedByItsLinks) {
  for (int i = 1; i <= 5; ++i) say("text " + std::to_string(i), "a b/c");
  const Answer newest = get("/v1/conversations/a%20b%2Fc/comments?limit=2");
  EXPECT_EQ(newest.json()["comments"][0]["seq"], 4);
  EXPECT_EQ(newest.json()["headSeq"], 5);
  EXPECT_EQ(newest.header("link"), "</v1/conversations/a%20b%2Fc/comments?before=4&limit=2>; rel=\"prev\"");
  const Answer middle = get("/v1/conversations/a%20b%2Fc/comments?before=4&limit=2");
  EXPECT_EQ(middle.json()["comments"][0]["seq"], 2);
  EXPECT_EQ(middle.json()["prev"], 2);
  EXPECT_EQ(middle.json()["next"], 3);
  const Answer first = get("/v1/conversations/a%20b%2Fc/comments?before=2&limit=2");
  EXPECT_FALSE(first.json().contains("prev"));
  const Answer forwards = get("/v1/conversations/a%20b%2Fc/comments?after=3&limit=2");
  EXPECT_EQ(forwards.json()["comments"][1]["seq"], 5);
  EXPECT_FALSE(forwards.json().contains("next"));
}

TEST_F(CommentsOverHttp, ConversationsAreListedByActivity) {
  say("a", "one");
  say("b", "two");
  const json listed = get("/v1/conversations").json()["conversations"];
  ASSERT_EQ(listed.size(), 2U);
  std::vector<std::string> keys{listed[0]["conversationKey"], listed[1]["conversationKey"]};
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(keys, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(listed[0]["headSeq"], 1);
}

struct BadPost {
  const char* name;
  std::string body;
  int status;
  std::vector<std::string> codes;
};

class RefusedPost : public NodeTest, public testing::WithParamInterface<BadPost> {};

TEST_P(RefusedPost, NamesEveryFailureAndServesOn) {
  const Answer answer = post(GetParam().body);
  EXPECT_EQ(answer.status, GetParam().status) << answer.body;
  EXPECT_EQ(answer.header("content-type"), "application/problem+json");
  std::vector<std::string> codes;
  const json problem = answer.json();
  for (const auto& error : problem["errors"]) codes.push_back(error["errorCode"]);
  EXPECT_EQ(codes, GetParam().codes);
  EXPECT_EQ(TestConnection{node_.port()}.request("GET", "/healthz").status, 200);
}

const std::string kLongKey(255, 'k');

INSTANTIATE_TEST_SUITE_P(
    All, RefusedPost,
    testing::Values(
        BadPost{"Both",
                R"({"content":"","conversationKey":")" + kLongKey + "\"}",
                422,
                {"content-empty", "conversationKey-too-long"}},
        BadPost{"TypeAndLength",
                R"({"content":1e999999,"conversationKey":")" + kLongKey + "\"}",
                422,
                {"content-wrong-type", "conversationKey-too-long"}},
        BadPost{"TypeAndMissing", R"({"content":[]})", 422, {"content-wrong-type", "conversationKey-missing"}},
        BadPost{"Nul", R"({"content":"a\u0000","conversationKey":"k"})", 422, {"content-control-character"}},
        BadPost{"Surrogate", R"({"content":"\ud800","conversationKey":"k"})", 400, {"invalid_json"}},
        BadPost{"TooLong",
                R"({"content":")" + std::string(4001, 'x') + R"(","conversationKey":"k"})",
                422,
                {"content-too-long"}},
        BadPost{"Deep", R"({"a":)" + std::string(30'000, '['), 400, {"invalid_json"}},
        BadPost{"DotKey", R"({"content":"x","conversationKey":".."})", 422, {"conversationKey-dot-segment"}},
        BadPost{"Twice", R"({"content":"x","content":"y","conversationKey":"k"})", 400, {"invalid_json"}}),
    [](const auto& instance) { return instance.param.name; });

TEST_F(CommentsOverHttp, WritingNeedsATokenAndJson) {
  EXPECT_EQ(post(R"({"content":"x","conversationKey":"k"})", {{"Content-Type", "application/json"}}).status, 401);
  TestConnection other{node_.port()};
  EXPECT_EQ(other.request("POST", "/v1/comments", {{"Authorization", "Bearer u"}, {"Content-Type", "text/plain"}}, "{}")
                .status,
            415);
}

TEST_F(CommentsOverHttp, BadQueryValuesAreNamed) {
  for (const std::string bad : {"limit=0", "limit=1001", "limit=x", "before=-1", "after=1&after=2", "before="}) {
    const Answer answer = get("/v1/conversations/lobby/comments?" + bad);
    EXPECT_EQ(answer.status, 400) << bad;
    EXPECT_EQ(answer.json()["errors"][0]["resource"], bad.substr(0, bad.find('='))) << answer.body;
  }
}

}  // namespace
}  // namespace danwa::tests
