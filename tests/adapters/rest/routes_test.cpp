#include "adapters/rest/routes.hpp"

#include <thread>

#include "adapters/rest/routes_fixture.hpp"
#include "support/frames.hpp"

namespace danwa::adapters {
namespace {

using Routes = RoutesTest;

TEST_F(Routes, AnotherCompanysCommentLooksLikeAnUnknownOne) {
  const std::string path = header(say("ours"), "Location");
  const Response unknown = respond(request("GET", "/v1/comments/ffffffff-0000-7000-8000-000000000000", {}, "evil/eve"));
  EXPECT_EQ(unknown.status, 404);
  for (const char* method : {"GET", "DELETE", "PATCH"}) {
    const Response foreign = respond(request(method, path, R"({"content":"x"})", "evil/eve"));
    EXPECT_EQ(foreign.status, 404) << method;
    EXPECT_EQ(foreign.body, unknown.body) << method;
    EXPECT_EQ(foreign.headers, unknown.headers) << method;
  }
  EXPECT_EQ(respond(request("GET", path)).status, 200);
}

TEST_F(Routes, AnotherCompanysConversationReadsAsEmpty) {
  say("ours");
  const Response page = respond(request("GET", "/v1/conversations/lobby/comments", {}, "evil/eve"));
  EXPECT_EQ(page.body, R"({"comments":[],"headSeq":0,"epoch":"0123456789abcdef0123456789abcdef"})");
  EXPECT_EQ(respond(request("GET", "/v1/conversations", {}, "evil/eve")).body, R"({"conversations":[]})");
}

TEST_F(Routes, ABadTokenIsRefusedOnEveryRouteWithData) {
  for (const char* target : {"/v1/conversations", "/v1/conversations/k/comments", "/v1/conversations/k/updates",
                             "/v1/comments/x", "/v1/cluster"}) {
    EXPECT_EQ(respond(request("GET", target, {}, "bad")).status, 401) << target;
  }
  auto write = request("POST", "/v1/comments", {}, "bad");
  EXPECT_TRUE(router.refuse_early(write, std::nullopt));
}

TEST_F(Routes, TheAcceptHeaderChoosesTheForm) {
  Request sse = request("GET", "/v1/conversations/k/updates?after=3&delivery=latest");
  sse.headers.emplace_back("accept", "text/event-stream");
  sse.headers.emplace_back("last-event-id", "abc:9");
  const auto stream = std::get<OpenStream>(answer(std::move(sse)));
  EXPECT_EQ(stream.kind, http::StreamKind::sse);
  EXPECT_EQ(stream.watch.channels.front().after, (domain::Cursor{"abc", 9}));
  EXPECT_EQ(stream.watch.delivery, usecase::Delivery::latest);
  Request socket = request("GET", "/v1/conversations/k/updates");
  socket.headers.emplace_back("upgrade", "WebSocket");
  EXPECT_EQ(std::get<OpenStream>(answer(std::move(socket))).kind, http::StreamKind::websocket);
  Request page = request("GET", "/v1/conversations/k/updates");
  page.headers.emplace_back("accept", "*/*");
  EXPECT_EQ(respond(std::move(page)).content_type, "application/json");
}

TEST_F(Routes, ALongPollAsksAgainAfterFramesWithoutNews) {
  // From a thread of its own, as a feed may: the watcher asks again inside `deliver`.
  std::thread other;
  feed.on_ready = [&] {
    if (feed.readied > 1) return;
    auto deliver = [&] {
      feed.watcher.lock()->deliver({tests::encode_watching(feed.watches.back().channel(), domain::Cursor{}, "n")});
    };
    other = std::thread{deliver};
  };
  Request poll = request("GET", "/v1/conversations/lobby/updates?after=0&wait=0.05");
  EXPECT_EQ(respond(std::move(poll)).status, 200);
  other.join();
  EXPECT_EQ(feed.readied, 2);
  EXPECT_EQ(feed.ended, 1);
}

TEST_F(Routes, AResumeMarkCountsAsClientsSendIt) {
  struct Case {
    const char* query;
    const char* header;
    std::string start;
  };
  const Case cases[] = {
      {"after=3", nullptr, "3"},
      {"after=3", "", "3"},
      {"after=3", "abc:9", "abc:9"},
      {"after=3&lastEventId=abc:7", nullptr, "abc:7"},
      {"lastEventId=7", nullptr, "7"},
      {"after=3&lastEventId=", nullptr, "3"},
      {"after=3&lastEventId=abc:7", "abc:9", "abc:9"},
      {"after=3&lastEventId=abc:7", "", "abc:7"},
      {"after=3&Last-Event-ID=8", nullptr, "8"},
      {"after=3&last-event-id=8", nullptr, "8"},
      {"after=3&last_event_id=8", nullptr, "8"},
      {"after=3&lastEventID=8", nullptr, "8"},
      {"after=3&evs_last_event_id=8", nullptr, "8"},
      {"after=3&last=8", nullptr, "3"},
      {"after=3", "x", "400 Last-Event-ID-invalid"},
      {"after=3&lastEventId=x", nullptr, "400 lastEventId-invalid"},
      {"after=3&lastEventId=a%00:1", nullptr, "400 lastEventId-invalid"},
      {"after=3&lastEventId=x", "abc:9", "400 lastEventId-invalid"},
      {"after=x", "abc:9", "400 after-invalid"},
      {"lastEventId=1&lastEventId=2", nullptr, "400 lastEventId-repeated"},
      {"lastEventId=1&last-event-id=2", nullptr, "400 lastEventId-repeated"},
  };
  for (const auto& [query, mark, start] : cases) {
    for (const char* form : {"accept", "upgrade"}) {
      Request asked = request("GET", "/v1/conversations/k/updates?" + std::string{query});
      asked.headers.emplace_back(form, form == std::string{"accept"} ? "text/event-stream" : "websocket");
      if (mark != nullptr) asked.headers.emplace_back("last-event-id", mark);
      const auto reply = answer(std::move(asked));
      const auto* stream = std::get_if<OpenStream>(&reply);
      const auto found =
          stream != nullptr ? stream->watch.channels.front().after->to_string() : problem(std::get<Response>(reply));
      EXPECT_EQ(found, start) << form << ' ' << query << ' ' << (mark == nullptr ? "none" : mark);
    }
  }
}

TEST_F(Routes, AResumeMarkCountsForAPageToo) {
  for (const char* text : {"one", "two", "three"}) say(text);
  for (const char* query : {"after=0&lastEventId=2", "lastEventId=2"}) {
    const auto page =
        nlohmann::json::parse(respond(request("GET", "/v1/conversations/lobby/updates?" + std::string{query})).body);
    EXPECT_EQ(page["updates"].size(), 1U) << query;
  }
}

TEST_F(Routes, ALongPollEndsBeforeAProxyGivesUp) {
  http::Router impatient;
  add_routes(impatient, needs(std::chrono::milliseconds{30}));
  std::swap(router, impatient);
  for (const char* wait : {"60", "1", "0.05"}) {
    const auto start = std::chrono::steady_clock::now();
    const Response page = respond(request("GET", "/v1/conversations/lobby/updates?wait=" + std::string{wait}));
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(nlohmann::json::parse(page.body)["updates"].size(), 0U);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds{900}) << wait;
  }
  EXPECT_EQ(kLongestPoll, std::chrono::seconds{25}) << "HAProxy's examples have 30 s, nginx 60 s";
}

TEST_F(Routes, ALongPollEndsWhenItIsHurried) {
  Request poll = request("GET", "/v1/conversations/lobby/updates?wait=60");
  poll.cancellation = std::make_shared<http::CancellationToken>();
  poll.cancellation->cancel();
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(respond(std::move(poll)).status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{5});
}

TEST_F(Routes, AnUnavailableDatabaseIsSaidSo) {
  memory.available = false;
  const Response answer = say("x");
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(header(answer, "Retry-After"), "");
}

TEST_F(Routes, ReadinessFollowsTheStorage) {
  EXPECT_EQ(respond(request("GET", "/readyz")).status, 200);
  node.storage = false;
  EXPECT_EQ(respond(request("GET", "/readyz")).status, 503);
  EXPECT_EQ(respond(request("GET", "/healthz")).status, 200);
}

TEST_F(Routes, TheClusterIsShownAsJson) {
  EXPECT_EQ(respond(request("GET", "/v1/cluster")).body,
            R"({"node":"n\"1","members":[{"name":"n\"1","http":"h:1","state":"up","self":true},)"
            R"({"name":"b","http":"h:2","state":"down","self":false}]})");
}

}  // namespace
}  // namespace danwa::adapters
