#include <gtest/gtest.h>

#include "infra/beast/stream_frames.hpp"
#include "infra/beast/ws_fixture.hpp"
#include "support/frames.hpp"
#include "support/wait_for.hpp"

namespace danwa::beast {
namespace {

using namespace std::chrono_literals;
using delivery::FrameBatch;

TEST(SseSession, WritesEventsWithIdsOfTheEpoch) {
  StreamServer server;
  WsClient client{server.port(), "GET /sse HTTP/1.0\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"};
  const auto watch = server.watch();
  ASSERT_NE(watch, nullptr);
  const domain::ChannelKey channel{*domain::CompanyId::parse("demo"), domain::ChannelKind::conversation, "room"};
  watch->deliver({tests::encode_watching(channel, {"e7", 4}, "n1"), make_frame(5, "{\"a\":5}")});
  ASSERT_TRUE(eventually([&] { return watch->readies == 2; }));
  watch->end(delivery::WatchCloseReason::going_away);
  const auto [text, ended] = client.read_to_end();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(text.find("\r\n\r\nretry: 2000\nid: e7:4\ndata: {\"type\":\"watching\""), std::string::npos) << text;
  EXPECT_NE(text.find("\n\nid: e7:5\ndata: {\"a\":5}\n\nretry: 1000\n: closed 1001"), std::string::npos) << text;
  expect_clean(server);
}

TEST(SseSession, EndsItsChunksProperlyWhenItDrains) {
  StreamServer server;
  WsClient client{server.port(), get("/sse", "Accept: text/event-stream\r\n")};
  const auto watch = server.watch();
  ASSERT_NE(watch, nullptr);
  watch->deliver({make_frame(1, "{}")});
  server->drain(0ms);
  const auto [text, ended] = client.read_to_end();
  EXPECT_TRUE(ended);
  EXPECT_NE(text.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_NE(text.find("16\r\nretry: 2000\ndata: {}\n\n\r\n"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("0\r\n\r\n")) << text;
  EXPECT_TRUE(server.is_clean());
}

TEST(SseSession, BeatsWithComments) {
  auto limits = quick_limits();
  limits.ping_interval = 50ms;
  StreamServer server{limits};
  WsClient client{server.port(), "GET /sse HTTP/1.0\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"};
  ASSERT_TRUE(client.read_until("\r\n\r\n"));
  EXPECT_TRUE(client.read_until(": \n: \n"));
}

TEST(SseSession, GivesItsPlaceBackWhenTheClientLeaves) {
  StreamServer server;
  for (int i = 0; i < 50; ++i) {
    WsClient client{server.port(), get("/sse", "Accept: text/event-stream\r\n")};
    ASSERT_TRUE(client.read_until("\r\n\r\n"));
    if (i % 2 == 0) client.reset();
  }
  EXPECT_EQ(server.feed.count(), 50U);
  expect_clean(server);
}

TEST(SseSession, ResetsAClientThatDoesNotRead) {
  auto limits = quick_limits();
  limits.stall_timeout = 300ms;
  StreamServer server{limits};
  WsClient client{server.port(), get("/sse", "Accept: text/event-stream\r\n"), 4'096};
  const auto watch = server.watch();
  ASSERT_NE(watch, nullptr);
  FrameBatch frames;
  for (int i = 0; i < 16; ++i) frames.push_back(make_frame(static_cast<domain::Seq>(i), std::string(60'000, 'x')));
  ASSERT_TRUE(watch->deliver(frames));
  expect_clean(server);
}

}  // namespace
}  // namespace danwa::beast
