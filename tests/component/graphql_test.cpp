#include <gtest/gtest.h>

#include "component/test_node.hpp"

namespace danwa::tests {
namespace {

using nlohmann::json;

constexpr const char* kGraphqlType = "application/graphql-response+json";

class GraphqlOverHttp : public NodeTest {
 protected:
  Answer ask(const json& body, const std::string& accept = kGraphqlType, const std::string& user = "bob") {
    return client_.request("POST", "/graphql", with(as(user), "Accept", accept), body.dump());
  }
  json data(const std::string& query, const std::string& user = "bob") {
    const Answer answer = ask({{"query", query}}, kGraphqlType, user);
    const json body = answer.json();
    EXPECT_FALSE(body.contains("errors")) << body;
    return body["data"];
  }
  std::string refusal(const Answer& answer) { return answer.json()["errors"][0]["extensions"]["code"]; }
};

/// One who speaks GraphQL on a WebSocket.
class GraphqlSocket : public TestConnection {
 public:
  explicit GraphqlSocket(int port, const std::string& protocol = "graphql-transport-ws", const Headers& more = {})
      : TestConnection{port} {
    Headers headers = more;
    if (!protocol.empty()) headers.emplace_back("Sec-WebSocket-Protocol", protocol);
    opened = open_websocket("/graphql", headers);
  }
  void say(const json& message) { say(message.dump()); }
  void say(const std::string& text) {
    std::string frame{static_cast<char>(0x81)};
    if (text.size() < 126) {
      frame += static_cast<char>(0x80 | text.size());
    } else if (text.size() <= 0xFFFF) {
      frame += static_cast<char>(0x80 | 126);
      for (int shift = 8; shift >= 0; shift -= 8) frame += static_cast<char>(text.size() >> shift & 0xFF);
    } else {
      frame += static_cast<char>(0x80 | 127);
      for (int shift = 56; shift >= 0; shift -= 8) frame += static_cast<char>(text.size() >> shift & 0xFF);
    }
    send(frame + std::string(4, '\0') + text);  // a mask of zeros
  }
  void say(const char* text) { say(std::string{text}); }
  json begin(const std::string& user) {
    say({{"type", "connection_init"}, {"payload", {{"token", user}}}});
    return frame();
  }
  /// The next message, but for news of who is here.
  json update() {
    json message = frame();
    while (message.dump().find("presence-changed") != std::string::npos) message = frame();
    return message;
  }
  void subscribe(const std::string& id, const std::string& query) {
    say({{"type", "subscribe"}, {"id", id}, {"payload", {{"query", query}}}});
  }

  Answer opened;
};

TEST_F(GraphqlOverHttp, AnswersInTheTypeThatIsAskedFor) {
  const json query{{"query", "{ me { userId } }"}};
  const Answer newer = ask(query);
  EXPECT_EQ(newer.status, 200);
  EXPECT_EQ(newer.header("content-type"), "application/graphql-response+json; charset=utf-8");
  EXPECT_EQ(newer.body, R"({"data":{"me":{"userId":"bob"}}})");
  for (const char* accept :
       {"application/json", "*/*", "application/*", "application/json, application/graphql-response+json;q=0.5"}) {
    EXPECT_EQ(ask(query, accept).header("content-type"), "application/json; charset=utf-8") << accept;
  }
  EXPECT_EQ(ask(query, "application/graphql-response+json, application/json").header("content-type"),
            newer.header("content-type"));
  EXPECT_EQ(ask(query, "text/html").status, 406);
}

TEST_F(GraphqlOverHttp, TheTypeDecidesTheStatusOfWhatWasNotExecuted) {
  for (const char* query : {"{", "{ nothing }", "query A { me { userId } } query B { me { userId } }"}) {
    EXPECT_EQ(ask({{"query", query}}).status, 400) << query;
    EXPECT_EQ(ask({{"query", query}}, "application/json").status, 200) << query;
    EXPECT_FALSE(ask({{"query", query}}).json().contains("data"));
  }
}

TEST_F(GraphqlOverHttp, MalformedRequestsAre400) {
  const auto code = [&](const std::string& body) {
    const Answer answer = client_.request("POST", "/graphql", as("bob"), body);
    EXPECT_EQ(answer.status, 400) << body;
    return refusal(answer);
  };
  EXPECT_EQ(code("{ \"not a JSON"), "invalid_json");
  EXPECT_EQ(code(R"([{"query":"{ __typename }"}])"), "batch-refused");
  EXPECT_EQ(code(R"({"qeury":"{ __typename }"})"), "query-missing");
  EXPECT_EQ(code(R"({"query":7})"), "query-wrong-type");
  EXPECT_EQ(code(R"({"query":"{ __typename }","variables":[]})"), "variables-wrong-type");
  EXPECT_EQ(code(R"({"query":"{ __typename }","extensions":"x"})"), "extensions-wrong-type");
  EXPECT_EQ(code(R"({"query":"{ __typename }","variables":{"a":1e999}})"), "invalid_json");
  EXPECT_EQ(code(R"({"query":"subscription { onConversationUpdated(conversationKey: \"x\") { type } }"})"),
            "subscription-over-http");
}

TEST_F(GraphqlOverHttp, OnlyJsonIsTaken) {
  EXPECT_EQ(client_.request("POST", "/graphql", {{"Content-Type", "text/plain"}}, "{}").status, 415);
  EXPECT_EQ(client_.request("PUT", "/graphql", as("bob"), "{}").status, 405);
}

TEST_F(GraphqlOverHttp, GetIsForQueries) {
  EXPECT_EQ(get("/graphql?query=%7B%20me%20%7B%20userId%20anonymous%20%7D%20%7D").body,
            R"({"data":{"me":{"userId":"anonymous","anonymous":true}}})");
  EXPECT_EQ(
      get("/graphql?query=query(%24k:String!)%7Bconversation(key:%24k)%7BheadSeq%7D%7D&variables=%7B%22k%22:%22x%22%7D")
          .body,
      R"({"data":{"conversation":{"headSeq":0}}})");
  const Answer mutation = get("/graphql?query=mutation%20%7B%20removeComment(id:%221%22)%20%7D", as("bob"));
  EXPECT_EQ(mutation.status, 405);
  EXPECT_EQ(mutation.header("allow"), "POST");
  EXPECT_EQ(get("/graphql").status, 400);
  EXPECT_EQ(get("/graphql?query=%7Bme%7BuserId%7D%7D&query=x").status, 400);
}

TEST_F(GraphqlOverHttp, CommentsComeAndGo) {
  const std::string send = R"(mutation {
    sendComment(content: "hi", conversationKey: "lobby", clientRef: "r") { id seq version clientRef authorId }
  })";
  const json sent = data(send)["sendComment"];
  EXPECT_EQ(sent["authorId"], "bob");
  EXPECT_EQ(sent["clientRef"], "r");
  const std::string id = sent["id"];
  EXPECT_EQ(data("mutation { editComment(id: \"" + id +
                 "\", content: \"ho\", version: 1) { content version } }")["editComment"],
            (json{{"content", "ho"}, {"version", 2}}));
  EXPECT_EQ(data("{ comment(id: \"" + id + "\") { content } }")["comment"]["content"], "ho");
  const json page = data("{ comments(conversationKey: \"lobby\") { headSeq comments { content } } }")["comments"];
  EXPECT_EQ(page, json::parse(R"({"headSeq":2,"comments":[{"content":"ho"}]})"));
  EXPECT_EQ(data("{ conversations { conversations { conversationKey } } }")["conversations"]["conversations"][0]
                                                                           ["conversationKey"],
            "lobby");
  EXPECT_EQ(data("mutation { removeComment(id: \"" + id + "\") }")["removeComment"], true);
  EXPECT_EQ(refusal(ask({{"query", "{ comment(id: \"" + id + "\") { content } }"}})), "not-found");
}

TEST_F(GraphqlOverHttp, ArgumentsAtTheirEdgesAreNoDefects) {
  const json null_limit = data("{ comments(conversationKey: \"x\", limit: null, after: null) { headSeq } }");
  EXPECT_EQ(null_limit["comments"]["headSeq"], 0);
  const auto code = [&](const std::string& field) { return refusal(ask({{"query", "{ " + field + " }"}})); };
  EXPECT_EQ(code("comments(conversationKey: \"x\", limit: 0) { epoch }"), "limit-out-of-range");
  EXPECT_EQ(code("comments(conversationKey: \"x\", limit: 201) { epoch }"), "limit-out-of-range");
  EXPECT_EQ(code("comments(conversationKey: \"x\", limit: -1) { epoch }"), "limit-out-of-range");
  EXPECT_EQ(code("comments(conversationKey: \"x\", after: 1, before: 3) { epoch }"), "range-ambiguous");
  EXPECT_EQ(code("comments(conversationKey: \"\") { epoch }"), "conversationKey-empty");
  EXPECT_EQ(code("comment(id: 1) { id }"), "not-found");
  EXPECT_EQ(code("conversations(before: \"what\") { next }"), "before-invalid");
  EXPECT_EQ(code("members(conversationKey: \"x\", after: \"\") { next }"), "user-empty");
  EXPECT_EQ(code("notifications(after: \"what\") { next }"), "after-invalid");
  EXPECT_EQ(code("notifications(after: \"0123:user:bob=9\") { next }"), "reset");
}

TEST_F(GraphqlOverHttp, PeopleJoinAndLeave) {
  EXPECT_EQ(data("mutation { joinConversation(conversationKey: \"room\") { userId role seq } }")["joinConversation"],
            json::parse(R"({"userId":"bob","role":"member","seq":1})"));
  EXPECT_EQ(data("{ members(conversationKey: \"room\") { members { userId } next } }")["members"],
            json::parse(R"({"members":[{"userId":"bob"}],"next":null})"));
  EXPECT_EQ(data("{ conversation(key: \"room\") { role visibility } }")["conversation"],
            json::parse(R"({"role":"member","visibility":"open"})"));
  EXPECT_EQ(data("mutation { leaveConversation(conversationKey: \"room\") }")["leaveConversation"], true);
}

TEST_F(GraphqlOverHttp, NotificationsAreReadInPages) {
  for (const char* text : {"one", "two", "three"}) {
    const json sent = data(std::string{"mutation { sendNotification(userName: \"bob\", text: \""} + text +
                               "\") { channel sender timestamp cursor } }",
                           "ann")["sendNotification"];
    EXPECT_EQ(sent["channel"], "user:bob");
    EXPECT_EQ(sent["sender"], "ann");
  }
  const json page = data("{ notifications(limit: 2) { notifications { text seq cursor } next } }")["notifications"];
  ASSERT_EQ(page["notifications"].size(), 2U);
  EXPECT_EQ(page["notifications"][1]["cursor"], page["next"]);
  const std::string after = page["notifications"][0]["cursor"];
  const json rest = data("{ notifications(after: \"" + after + "\") { notifications { text } } }")["notifications"];
  EXPECT_EQ(rest["notifications"], json::parse(R"([{"text":"two"},{"text":"three"}])"));
}

TEST_F(GraphqlOverHttp, ABadTokenIsRefusedInGraphqlsForm) {
  const Answer answer =
      client_.request("POST", "/graphql", {{"Authorization", "Basic x"}, {"Content-Type", "application/json"}},
                      R"({"query":"{ __typename }"})");
  EXPECT_EQ(answer.status, 401);
  EXPECT_FALSE(answer.header("www-authenticate").empty());
  EXPECT_EQ(refusal(answer), "token-invalid");
  const json mutation{{"query", "mutation { sendComment(content: \"x\", conversationKey: \"y\") { id } }"}};
  const Answer anonymous = client_.request("POST", "/graphql", {{"Content-Type", "application/json"}}, mutation.dump());
  EXPECT_EQ(anonymous.status, 200);
  EXPECT_EQ(refusal(anonymous), "token-required");
}

TEST_F(GraphqlOverHttp, TheSocketSpeaksTheFirstKnownSubprotocol) {
  GraphqlSocket socket{node_.port(), "nonsense, graphql-transport-ws, graphql-ws"};
  EXPECT_EQ(socket.opened.status, 101);
  EXPECT_EQ(socket.opened.header("sec-websocket-protocol"), "graphql-transport-ws");
  EXPECT_EQ(socket.begin("bob"), (json{{"type", "connection_ack"}}));
  for (const char* none : {"", "nonsense"}) {
    GraphqlSocket other{node_.port(), none};
    EXPECT_EQ(other.opened.status, 101);
    EXPECT_EQ(other.opened.header("sec-websocket-protocol"), "");
    EXPECT_EQ(other.frame()["close"], 4406);
  }
}

TEST_F(GraphqlOverHttp, ASubscriptionSeesWhatHappens) {
  GraphqlSocket socket{node_.port()};
  socket.begin("bob");
  socket.subscribe("1",
                   "subscription { onConversationUpdated(conversationKey: \"lobby\") { type seq content cursor } }");
  EXPECT_EQ(socket.update()["payload"]["data"]["onConversationUpdated"]["type"], "watching");
  say("hi");
  const json update = socket.update();
  EXPECT_EQ(update["type"], "next");
  EXPECT_EQ(update["id"], "1");
  EXPECT_EQ(update["payload"]["data"]["onConversationUpdated"]["content"], "hi");
  const std::string cursor = update["payload"]["data"]["onConversationUpdated"]["cursor"];
  for (int i = 0; i < 40; ++i) say("text " + std::to_string(i));
  socket.say({{"type", "complete"}, {"id", "1"}});
  GraphqlSocket again{node_.port(), "graphql-transport-ws", {{"Authorization", "Bearer bob"}}};
  again.say({{"type", "connection_init"}});
  EXPECT_EQ(again.frame()["type"], "connection_ack");
  again.subscribe("x", "subscription { up: onConversationUpdated(conversationKey: \"lobby\", after: \"" + cursor +
                           "\") { seq type } }");
  EXPECT_EQ(again.update()["payload"]["data"]["up"]["seq"], nullptr);
  for (int seq = 2; seq <= 41; ++seq) ASSERT_EQ(again.update()["payload"]["data"]["up"]["seq"], seq);
}

TEST_F(GraphqlOverHttp, WhoIsRemovedFromAPrivateConversationSeesNothingMore) {
  const std::string room = "/v1/conversations/room";
  ASSERT_EQ(client_.request("PUT", room, as("ann"), R"({"visibility":"private"})").status, 201);
  const std::string watch = "subscription { onConversationUpdated(conversationKey: \"room\") { type userId } }";
  GraphqlSocket socket{node_.port()};
  socket.begin("bob");
  socket.subscribe("1", watch);
  const json refused = socket.frame();
  EXPECT_EQ(refused["type"], "error");
  EXPECT_EQ(refused["payload"][0]["extensions"]["code"], "not-a-member");

  ASSERT_EQ(client_.request("PUT", room + "/members/bob", as("ann")).status, 201);
  socket.subscribe("1", watch);
  EXPECT_EQ(socket.update()["payload"]["data"]["onConversationUpdated"]["type"], "watching");
  ASSERT_EQ(client_.request("DELETE", room + "/members/bob", as("ann")).status, 204);
  say("only for members", "room", "ann");
  json message = socket.frame();
  while (message["type"] == "next") {
    const json& update = message["payload"]["data"]["onConversationUpdated"];
    EXPECT_NE(update["type"], "comment-added");
    message = socket.frame();
  }
  EXPECT_EQ(message["type"], "error");
  EXPECT_EQ(message["payload"][0]["extensions"]["code"], "not-a-member");
}

TEST_F(GraphqlOverHttp, ManySubscriptionsShareOneSlowSocket) {
  GraphqlSocket socket{node_.port()};
  socket.begin("bob");
  for (int i = 1; i <= 150; ++i) say(std::string(2'000, 'x') + std::to_string(i));
  for (int i = 0; i < 32; ++i) {
    socket.subscribe(
        std::to_string(i),
        "subscription { onConversationUpdated(conversationKey: \"lobby\", after: \"0\") { seq content } }");
  }
  socket.subscribe("33rd", "{ __typename }");
  std::map<std::string, int> last;
  int done = 0;
  bool refused = false;
  while (done < 32 || !refused) {  // 9.6 MB in all: the socket stalls many times
    const json message = socket.frame();
    if (message["id"] == "33rd") {
      EXPECT_EQ(message["payload"][0]["extensions"]["code"], "too-many-operations");
      refused = true;
      continue;
    }
    ASSERT_EQ(message["type"], "next");
    const json& seq = message["payload"]["data"]["onConversationUpdated"]["seq"];
    if (seq.is_null()) continue;
    ASSERT_EQ(seq, ++last[message["id"]]);
    if (seq == 150) ++done;
  }
}

TEST_F(GraphqlOverHttp, ALongMessageIsTooBig) {
  GraphqlSocket socket{node_.port()};
  socket.begin("bob");
  socket.say(std::string(64 * 1024 + 1, ' '));
  EXPECT_EQ(socket.frame()["close"], 1009);
}

TEST_F(GraphqlOverHttp, AClientThatOnlyTalksIsNotReadOn) {
  GraphqlSocket socket{node_.port()};
  socket.begin("bob");
  const json ping{{"type", "ping"}, {"payload", {{"filler", std::string(60'000, 'p')}}}};
  for (int i = 0; i < 20; ++i) socket.say(ping);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(socket.frame()["type"], "pong");
}

TEST_F(GraphqlOverHttp, ThePageIsServed) {
  const Answer page = get("/graphiql");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_NE(page.header("content-security-policy").find("default-src 'self'"), std::string::npos);
  EXPECT_EQ(get("/graphiql.js").status, 200);
  EXPECT_EQ(get("/graphiql.css").status, 200);
}

}  // namespace
}  // namespace danwa::tests
