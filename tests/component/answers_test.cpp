#include <gtest/gtest.h>

#include "component/test_node.hpp"

// What every answer of a node holds, whatever it answers: seen by a page of another origin, by a client of HTTP/1.0,
// by a cache, by a probe.

namespace danwa::tests {
namespace {

using nlohmann::json;

const std::string kPage = "http://localhost:9";
const std::string kOrigin = "Origin: " + kPage + "\r\n";

class EveryAnswer : public NodeTest {
 protected:
  /// The answer to these bytes, on a connection of its own.
  Answer raw(const std::string& bytes, bool without_body = false) const {
    TestConnection connection{node_.port()};
    connection.send(bytes);
    return connection.read_answer(without_body);
  }
  static std::string head(const std::string& line, const std::string& more = "") {
    return line + "\r\nHost: 127.0.0.1\r\n" + more + "\r\n";
  }
};

TEST_F(EveryAnswer, IsSeenByAListedPage) {
  const std::string token = "Authorization: Bearer ann\r\n";
  const std::string typed = token + "Content-Type: application/json\r\n";
  const std::string updates = "GET /v1/conversations/lobby/updates HTTP/1.1";
  const std::pair<int, std::string> requests[] = {
      {200, head("GET /healthz HTTP/1.1", kOrigin)},
      {200, head(updates, kOrigin)},
      {200, head(updates, kOrigin + "Accept: text/event-stream\r\n")},
      {200, head("GET /v1/conversations/lobby/updates HTTP/1.0", kOrigin + "Accept: text/*\r\n")},
      {204, head("OPTIONS * HTTP/1.1", kOrigin)},
      {400, head("GET /%zz HTTP/1.1", kOrigin)},
      {400, head("GET /healthz?a=%zz HTTP/1.1", kOrigin)},
      {400, head("GET /healthz HTTP/1.1", kOrigin + "X : y\r\n")},
      {400, head("GET /healthz HTTP/1.1", kOrigin + "Host: again\r\n")},
      {400, head("POST /v1/comments HTTP/1.1", kOrigin + typed + "Content-Length: 1\r\n") + "{"},
      {400, head("POST /v1/comments HTTP/1.1", kOrigin + typed + "Transfer-Encoding: chunked\r\n") + "zz\r\n"},
      {400, head(updates, kOrigin + "Upgrade: websocket\r\n")},
      {401, head("POST /v1/comments HTTP/1.1", kOrigin)},
      {404, head("GET /nothing HTTP/1.1", kOrigin)},
      {405, head("PUT /v1/comments HTTP/1.1", kOrigin)},
      {406, head(updates, kOrigin + "Accept: text/html\r\n")},
      {413, head("POST /v1/comments HTTP/1.1", kOrigin + typed + "Content-Length: 1000000\r\n")},
      {413, head("POST /v1/comments HTTP/1.1", kOrigin + typed + "Transfer-Encoding: chunked\r\n") + "fffff\r\n"},
      {414, head("GET /" + std::string(9'000, 'a') + " HTTP/1.1", kOrigin)},
      {414, head("GET /" + std::string(40'000, 'a') + " HTTP/1.1", kOrigin)},
      {415, head("POST /v1/comments HTTP/1.1", kOrigin + token + "Content-Type: text/plain\r\n")},
      {417, head("GET /healthz HTTP/1.1", kOrigin + "Expect: tea\r\n")},
      {421, "GET /v1/cluster HTTP/1.1\r\nHost: evil.example\r\n" + kOrigin + "\r\n"},
      {422, head("POST /v1/comments HTTP/1.1", kOrigin + typed + "Content-Length: 2\r\n") + "{}"},
      {426, head(updates, kOrigin + "Upgrade: websocket\r\nConnection: upgrade\r\n")},
      {431, head("GET /healthz HTTP/1.1", kOrigin + "X: " + std::string(20'000, 'y') + "\r\n")},
      {431, head("GET /healthz HTTP/1.1", "X: " + std::string(30'000, 'y') + "\r\n" + kOrigin)},
      {501, head("FROB /healthz HTTP/1.1", kOrigin)},
      {505, head("GET /healthz HTTP/1.2", kOrigin)},
  };
  for (const auto& [status, bytes] : requests) {
    const Answer answer = raw(bytes);
    const std::string name = bytes.substr(0, 60) + " " + std::to_string(status);
    EXPECT_EQ(answer.status, status) << name;
    EXPECT_EQ(answer.header("access-control-allow-origin"), kPage) << name;
    EXPECT_EQ(answer.headers.count("cache-control") > 1, false) << name;
    const auto other = raw(std::string{bytes}.replace(bytes.find(kPage), kPage.size(), "http://evil.localhost"));
    EXPECT_EQ(other.header("access-control-allow-origin"), "") << name;
  }
}

TEST_F(EveryAnswer, ToATooLongHeadDoesNotWaitForItsEnd) {
  const Answer answer = raw("GET /" + std::string(9'000, 'a'));
  EXPECT_EQ(answer.status, 414);
}

TEST_F(EveryAnswer, IsFramedForItsVersion) {
  for (const char* accept : {"text/event-stream", "text/*", "TEXT/EVENT-STREAM;q=0.5", "text/html, text/event-stream",
                             "application/json;q=0.1, */*"}) {
    const std::string line = "GET /v1/conversations/lobby/updates HTTP/1.";
    const std::string more = "Accept: " + std::string{accept} + "\r\n";
    const Answer old = raw(head(line + "0", more));
    EXPECT_EQ(old.header("content-type"), "text/event-stream") << accept;
    EXPECT_EQ(old.header("transfer-encoding"), "") << accept;
    EXPECT_EQ(raw(head(line + "1", more)).header("transfer-encoding"), "chunked") << accept;
  }
}

TEST_F(EveryAnswer, OfAHeadIsThatOfItsGet) {
  say("x");
  for (const char* target : {"/healthz", "/", "/v1/conversations/lobby/updates", "/v1/conversations"}) {
    for (const char* accept : {"*/*", "text/event-stream", "text/html"}) {
      const std::string more = "Accept: " + std::string{accept} + "\r\n";
      const Answer get = raw(head("GET " + std::string{target} + " HTTP/1.1", more));
      const Answer seen = raw(head("HEAD " + std::string{target} + " HTTP/1.1", more), true);
      EXPECT_EQ(seen.status, get.status) << target << ' ' << accept;
      for (const char* name :
           {"content-type", "cache-control", "vary", "etag", "content-length", "x-accel-buffering"}) {
        EXPECT_EQ(seen.header(name), get.header(name)) << target << ' ' << accept << ' ' << name;
      }
    }
  }
}

TEST_F(EveryAnswer, ToAProbeComesUnderEveryName) {
  for (const char* path : {"/healthz", "/readyz"}) {
    for (const char* host : {"10.1.2.3:8080", "[2001:db8::7]", "danwa.default.svc.cluster.local"}) {
      EXPECT_EQ(raw("GET " + std::string{path} + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status, 200)
          << path << host;
    }
    EXPECT_EQ(raw("GET " + std::string{path} + " HTTP/1.0\r\n\r\n").status, 200) << path;
  }
  for (const char* path : {"/", "/metrics", "/v1/cluster", "/healthz/", "/nothing"}) {
    EXPECT_EQ(raw("GET " + std::string{path} + " HTTP/1.1\r\nHost: 10.1.2.3:8080\r\n\r\n").status, 421) << path;
  }
}

TEST_F(EveryAnswer, KnowsTheHostOfAnAbsoluteTarget) {
  const std::string own = "http://127.0.0.1:" + std::to_string(node_.port());
  EXPECT_EQ(raw("GET " + own + "/v1/cluster HTTP/1.0\r\n\r\n").status, 200);
  EXPECT_EQ(raw("GET http://evil.example/v1/cluster HTTP/1.0\r\n\r\n").status, 421);
  EXPECT_EQ(raw("GET http://127.0.0.1/v1/cluster HTTP/1.1\r\nHost: 127.0.0.1:80\r\n\r\n").status, 200);
  EXPECT_EQ(raw("GET /v1/cluster HTTP/1.1\r\nHost: 127.0.0.1:\r\n\r\n").status, 200);
}

TEST_F(EveryAnswer, Of304HoldsWhatThe200Holds) {
  const std::string comment = say("x").header("location");
  for (const std::string& target :
       {comment, std::string{"/"}, std::string{"/openapi.yaml"}, std::string{"/asyncapi.yaml"}}) {
    const Answer whole = get(target, as("user-1"));
    ASSERT_EQ(whole.status, 200) << target;
    const Answer unchanged = get(target, with(as("user-1"), "If-None-Match", "\"x\", W/" + whole.header("etag")));
    EXPECT_EQ(unchanged.status, 304) << target;
    for (const char* name : {"etag", "cache-control", "vary", "content-security-policy", "last-modified"}) {
      EXPECT_EQ(unchanged.header(name), whole.header(name)) << target << ' ' << name;
    }
    EXPECT_EQ(unchanged.header("content-type") + unchanged.header("content-length"), "") << target;
  }
  EXPECT_EQ(get(comment, {{"If-None-Match", "*"}}).status, 304);
  EXPECT_EQ(get(comment, {{"If-Match", "\"9\""}}).status, 412);
  const std::string changed = get(comment).header("last-modified");
  EXPECT_EQ(get(comment, {{"If-Modified-Since", changed}}).status, 304);
  EXPECT_EQ(get(comment, {{"If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"}}).status, 412);
}

TEST_F(EveryAnswer, OfAChangeWaitsForItsPreconditions) {
  const std::string comment = say("x").header("location");
  const auto change = [&](const std::string& method, const std::string& target, const std::string& name,
                          const std::string& value, const std::string& body = "", const std::string& user = "user-1") {
    const Answer answer = client_.request(method, target, with(as(user), name, value), body);
    return std::to_string(answer.status) +
           (answer.status < 400 ? "" : " " + answer.json()["errorCode"].get<std::string>());
  };
  const std::string edit = R"({"content":"y"})";
  EXPECT_EQ(change("DELETE", comment, "If-None-Match", "*"), "412 precondition-failed");
  EXPECT_EQ(change("DELETE", comment, "If-None-Match", "\"1\""), "412 precondition-failed");
  EXPECT_EQ(change("DELETE", comment, "If-None-Match", "1"), "400 if-none-match-invalid");
  EXPECT_EQ(change("DELETE", comment, "If-Unmodified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"),
            "412 precondition-failed");
  EXPECT_EQ(change("DELETE", comment, "If-Match", "\"9\", \"2\""), "412 version-mismatch");
  EXPECT_EQ(change("DELETE", comment, "If-Match", "\"9\"", "", "eve"), "403 not-the-author") << "403 comes before";
  EXPECT_EQ(change("PATCH", comment, "If-Match", "\"9\"", R"({"content":""})"), "422 content-empty") << "422 too";
  EXPECT_EQ(change("PATCH", "/v1/comments/x", "If-Match", "\"9\"", edit), "404 not-found");
  EXPECT_EQ(change("PATCH", comment, "If-Match", "\"9\", W/\"1\"", edit), "200");
  EXPECT_EQ(change("PATCH", comment, "If-Match", "W/\"1\"", edit), "412 version-mismatch");
  EXPECT_EQ(change("DELETE", comment, "If-Match", "*"), "204");
  EXPECT_EQ(change("DELETE", comment, "If-Match", "*"), "404 not-found");

  const std::string room = "/v1/conversations/room";
  EXPECT_EQ(change("PUT", room, "If-Match", "*", "{}"), "412 precondition-failed");
  EXPECT_EQ(get(room).json()["headSeq"], 0) << "nothing was made";
  EXPECT_EQ(change("PUT", room, "If-None-Match", "*", R"({"title":"A"})"), "201");
  EXPECT_EQ(change("PUT", room, "If-None-Match", "*", R"({"title":"B"})"), "412 precondition-failed");
  EXPECT_EQ(get(room).json()["title"], "A");
  EXPECT_EQ(change("PUT", room, "If-None-Match", "*", R"({"title":"B"})", "eve"), "403 not-an-owner");
  EXPECT_EQ(change("PUT", room, "If-Match", "*", R"({"title":"B"})"), "200");

  const std::string member = room + "/members/ann";
  EXPECT_EQ(change("DELETE", member, "If-Match", "*"), "412 precondition-failed") << "no member yet";
  EXPECT_EQ(change("PUT", member, "If-None-Match", "*"), "201");
  EXPECT_EQ(change("PUT", member, "If-None-Match", "*"), "412 precondition-failed");
  EXPECT_EQ(change("PUT", member, "If-Match", "*"), "200");
  EXPECT_EQ(change("DELETE", member, "If-None-Match", "*"), "412 precondition-failed");
  EXPECT_EQ(change("DELETE", member, "If-Match", "*"), "204");

  const std::string post = R"({"content":"z","conversationKey":"room"})";
  EXPECT_EQ(change("POST", "/v1/comments", "If-Match", "*", post), "412 precondition-failed");
  EXPECT_EQ(change("POST", "/v1/comments", "If-None-Match", "*", post), "201");
}

TEST_F(EveryAnswer, TakesAQueryOfSeveralLines) {
  EXPECT_EQ(get("/graphql?query=query%20%7B%0A%20%20me%20%7B%0D%0A%09userId%20%7D%0A%7D").status, 200);
  EXPECT_EQ(get("/v1/conversations/k/updates?after=%0a1").status, 400);
  EXPECT_EQ(get("/v1/conversations/k/members?after=a%00b").status, 400);
  EXPECT_EQ(get("/v1/conversations/k/presence?after=%01").status, 400);
  EXPECT_EQ(get("/v1/conversations?access_token=a%0ab").status, 401);
  EXPECT_EQ(get("/v1/conversations?before=%00").status, 400);
  EXPECT_EQ(get("/v1/notifications/updates?lastEventId=%00", as("ann")).status, 400);
  EXPECT_EQ(get("/v1/conversations/a%00b/comments").status, 400);
  EXPECT_EQ(get("/healthz?x=%00&%01=2").status, 200);
}

TEST_F(EveryAnswer, ToAPersistedQueryAsksForItsText) {
  const std::string hash =
      R"({"persistedQuery":{"version":1,"sha256Hash":"ecf4edb46db40b5132295c0291d62fb65d6759a9"}})";
  const std::string in_query =
      "extensions=%7B%22persistedQuery%22:%7B%22version%22:1,%22sha256Hash%22:%22ecf4edb46db40b5132295c0291%22%7D%7D";
  const auto expect_refused = [](const Answer& answer, int status) {
    EXPECT_EQ(answer.status, status);
    const auto error = answer.json()["errors"][0];
    EXPECT_EQ(error["message"], "PersistedQueryNotSupported");
    EXPECT_EQ(error["extensions"]["code"], "PERSISTED_QUERY_NOT_SUPPORTED");
    EXPECT_EQ(answer.json()["errors"].size(), 1U);
  };
  for (const char* query : {"", R"("query":"",)", R"("query":null,)"}) {
    const std::string body =
        "{" + std::string{query} + R"("operationName":"A","variables":{},"extensions":)" + hash + "}";
    expect_refused(client_.request("POST", "/graphql", as("ann"), body), 200);
    expect_refused(
        client_.request("POST", "/graphql", with(as("ann"), "Accept", "application/graphql-response+json"), body), 400);
  }
  expect_refused(get("/graphql?operationName=A&" + in_query), 200);
  EXPECT_EQ(get("/graphql?query=%7Bme%7BuserId%7D%7D&" + in_query).status, 200) << "with its text it is a query";
  EXPECT_EQ(get("/graphql?extensions=%7B%7D").json()["errors"][0]["extensions"]["code"], "query-missing");
}

TEST_F(EveryAnswer, ToAnIntrospectionTellsOfOneOf) {
  const Answer answer =
      client_.request("POST", "/graphql", as("ann"), R"({"query":"{ __schema { types { kind isOneOf } } }"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json body = answer.json();
  for (const auto& type : body["data"]["__schema"]["types"]) {
    EXPECT_EQ(type["isOneOf"], type["kind"] == "INPUT_OBJECT" ? json(false) : json(nullptr)) << type;
  }
}

}  // namespace
}  // namespace danwa::tests
