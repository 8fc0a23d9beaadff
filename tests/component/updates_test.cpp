#include <gtest/gtest.h>

#include <thread>

#include "component/test_node.hpp"
#include "support/wait_for.hpp"

namespace danwa::tests {
namespace {

using nlohmann::json;

class UpdatesOverHttp : public NodeTest {
 protected:
  static constexpr const char* kPath = "/v1/conversations/lobby/updates";
};

TEST_F(UpdatesOverHttp, AWebSocketIsToldItsPositionThenEveryUpdate) {
  say("first");
  TestConnection watcher{node_.port()};
  ASSERT_EQ(watcher.open_websocket(kPath).status, 101);
  const json watching = watcher.frame();
  EXPECT_EQ(watching["type"], "watching");
  EXPECT_EQ(watching["payload"]["node"], "node-1");
  say("second");
  const json update = watcher.frame();
  EXPECT_EQ(update["type"], "comment-added");
  EXPECT_EQ(update["payload"]["commentContent"], "second");
  EXPECT_EQ(update["payload"]["seq"], 2);
  EXPECT_EQ(update["payload"]["authorId"], "user-1");
}

TEST_F(UpdatesOverHttp, AWebSocketResumesAfterItsCursor) {
  for (int i = 1; i <= 40; ++i) say("text " + std::to_string(i));
  TestConnection watcher{node_.port()};
  ASSERT_EQ(watcher.open_websocket(std::string{kPath} + "?after=3").status, 101);
  EXPECT_EQ(watcher.frame()["type"], "watching");
  for (int seq = 4; seq <= 40; ++seq) ASSERT_EQ(watcher.frame()["payload"]["seq"], seq);
}

TEST_F(UpdatesOverHttp, AConversationThatTheNodeKnowsIsWatchedWithoutTheDatabase) {
  for (int i = 1; i <= 40; ++i) say("text " + std::to_string(i));
  const auto reads = [this] { return node_.system.metrics.master_reads.value(); };
  const auto begins_at_once = [&] {
    const auto before = reads();
    TestConnection watcher{node_.port()};
    return watcher.open_websocket(std::string{kPath} + "?after=40").status == 101 &&
           watcher.frame()["type"] == "watching" && reads() == before;
  };
  ASSERT_TRUE(wait_for(begins_at_once));
  const auto before = reads();
  for (const std::string query : {"?after=3", "?after=40"}) {
    TestConnection watcher{node_.port()};
    ASSERT_EQ(watcher.open_websocket(kPath + query).status, 101);
    EXPECT_EQ(watcher.frame()["type"], "watching");
    for (int seq = 4; query == "?after=3" && seq <= 40; ++seq) ASSERT_EQ(watcher.frame()["payload"]["seq"], seq);
  }
  EXPECT_EQ(get("/v1/conversations/lobby/presence", as("zoe")).status, 200);
  EXPECT_EQ(reads(), before);
  EXPECT_EQ(get(std::string{kPath} + "?after=3", as("zoe")).status,
            200);  // a page of the log is read, its access is not
  EXPECT_EQ(reads(), before + 1);
}

TEST_F(UpdatesOverHttp, AForeignCursorIsAnsweredByReset) {
  say("x");
  TestConnection watcher{node_.port()};
  ASSERT_EQ(watcher.open_websocket(std::string{kPath} + "?after=0000:1").status, 101);
  json frame = watcher.frame();
  if (frame["type"] == "watching") frame = watcher.frame();
  EXPECT_EQ(frame["type"], "reset");
  EXPECT_EQ(get(std::string{kPath} + "?after=0000:1").json()["reset"], true);
}

TEST_F(UpdatesOverHttp, ABrowsersTokenTravelsAsSubprotocol) {
  TestConnection watcher{node_.port()};
  const Answer opened = watcher.open_websocket(kPath, {{"Sec-WebSocket-Protocol", "danwa.v1, bearer.user-1"}});
  EXPECT_EQ(opened.status, 101);
  EXPECT_EQ(opened.header("sec-websocket-protocol"), "danwa.v1");
}

TEST_F(UpdatesOverHttp, AForeignOriginMayNotOpenASocket) {
  TestConnection watcher{node_.port()};
  EXPECT_EQ(watcher.open_websocket(kPath, {{"Origin", "https://evil.example"}}).status, 403);
  TestConnection neighbour{node_.port()};
  EXPECT_EQ(neighbour.open_websocket(kPath, {{"Origin", "http://127.0.0.1:1"}}).status, 101);
}

TEST_F(UpdatesOverHttp, AnSseStreamResumesByLastEventId) {
  for (int i = 1; i <= 3; ++i) say("text " + std::to_string(i));
  const std::string epoch = get(kPath).json()["epoch"];
  TestConnection watcher{node_.port()};
  const Answer opened =
      watcher.request("GET", kPath, {{"Accept", "text/event-stream"}, {"Last-Event-ID", epoch + ":2"}});
  ASSERT_EQ(opened.status, 200);
  EXPECT_EQ(opened.header("content-type").substr(0, 17), "text/event-stream");
  EXPECT_NE(watcher.take_until("id: " + epoch + ":3").find("watching"), std::string::npos);
  EXPECT_NE(watcher.take_until("\n\n").find("text 3"), std::string::npos);
}

TEST_F(UpdatesOverHttp, APageTellsWhereToGoOn) {
  for (int i = 1; i <= 3; ++i) say("text " + std::to_string(i));
  const json page = get(std::string{kPath} + "?after=1&limit=1").json();
  ASSERT_EQ(page["updates"].size(), 1U);
  EXPECT_EQ(page["updates"][0]["payload"]["seq"], 2);
  EXPECT_EQ(page["headSeq"], 3);
  EXPECT_EQ(page["next"], page["epoch"].get<std::string>() + ":2");
  const json empty = get("/v1/conversations/never-used/updates").json();
  EXPECT_TRUE(empty["updates"].empty());
  EXPECT_EQ(empty["headSeq"], 0);
}

TEST_F(UpdatesOverHttp, ALongPollEndsWithTheUpdateItWaitedFor) {
  TestConnection waiter{node_.port()};
  waiter.send("GET /v1/conversations/lobby/updates?after=0&wait=30 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  say("at last");
  const Answer answer = waiter.read_answer();
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json()["updates"][0]["payload"]["commentContent"], "at last");
}

TEST_F(UpdatesOverHttp, ALongPollEndsEmptyWhenItsTimeIsOver) {
  const auto start = std::chrono::steady_clock::now();
  const Answer answer = get(std::string{kPath} + "?wait=0.3");
  EXPECT_TRUE(answer.json()["updates"].empty());
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds{290});
}

TEST_F(UpdatesOverHttp, BadQueriesAreRefusedInEveryForm) {
  for (const std::string query : {"after=x", "after=-1", "delivery=some", "after=1&after=1"}) {
    const std::string target = std::string{kPath} + "?" + query;
    EXPECT_EQ(TestConnection{node_.port()}.open_websocket(target).status, 400) << query;
    EXPECT_EQ(get(target, {{"Accept", "text/event-stream"}}).status, 400) << query;
  }
  for (const std::string query : {"wait=61", "wait=x", "limit=0", "delivery=some"}) {
    EXPECT_EQ(get(std::string{kPath} + "?" + query).status, 400) << query;
  }
  EXPECT_EQ(get(kPath, {{"Accept", "image/png"}}).status, 406);
}

TEST_F(UpdatesOverHttp, ALeavingWatcherLeavesNothingBehind) {
  const auto entries = [&] { return node_.system.metrics.router_entries.value(); };
  const auto wait_for = [&](std::int64_t count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    while (entries() != count && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    return entries() == count;
  };
  {
    TestConnection watcher{node_.port()};
    watcher.open_websocket(kPath);
    watcher.frame();
    EXPECT_TRUE(wait_for(1));
  }
  EXPECT_TRUE(wait_for(0));
}

TEST_F(UpdatesOverHttp, ADrainClosesWatchersAndAnswersLongPolls) {
  TestConnection watcher{node_.port()};
  ASSERT_EQ(watcher.open_websocket(kPath).status, 101);
  watcher.frame();
  TestConnection waiter{node_.port()};
  waiter.send("GET /v1/conversations/lobby/updates?after=0&wait=30 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  EXPECT_EQ(get("/readyz").status, 200);
  std::thread drain{[&] { node_.http.drain(std::chrono::milliseconds{200}); }};
  const json close = watcher.frame();
  EXPECT_EQ(close["close"], 1001);
  EXPECT_EQ(close["reason"].get<std::string>().substr(0, 12), "retry-after=");
  EXPECT_EQ(waiter.read_answer().status, 200);
  drain.join();
  EXPECT_THROW(TestConnection{node_.port()}, std::runtime_error);
}

}  // namespace
}  // namespace danwa::tests
