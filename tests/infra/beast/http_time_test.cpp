#include <gtest/gtest.h>

#include "infra/beast/http_fixture.hpp"
#include "infra/beast/raw_client.hpp"

namespace danwa::beast {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

HttpOptions quick() {
  HttpOptions options;
  options.head_time = 150ms;
  options.body_time = 150ms;
  options.idle_time = 300ms;
  options.streams.close_timeout = 200ms;
  return options;
}

/// Sends a byte every 20 ms until the server ends the connection; how long that took.
SteadyClock::duration drip(RawClient& client, std::string_view byte) {
  const auto start = SteadyClock::now();
  std::atomic<bool> ended = false;
  std::thread sender{[&] {
    while (!ended && SteadyClock::now() - start < 4s) {
      client.send(byte);
      std::this_thread::sleep_for(20ms);
    }
  }};
  (void)client.read_answer();
  const auto took = SteadyClock::now() - start;
  ended = true;
  sender.join();
  return took;
}

TEST(HttpTime, EndsADrippingHead) {
  TestServer server{quick()};
  RawClient client{server.port()};
  client.send("GET / HTTP/1.1\r\nHost: x\r\nX: ");
  const auto took = drip(client, "y");
  EXPECT_GT(took, 100ms);
  EXPECT_LT(took, 1s);
}

TEST(HttpTime, EndsADrippingBody) {
  TestServer server{quick()};
  RawClient client{server.port()};
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  const auto took = drip(client, "y");
  EXPECT_GT(took, 100ms);
  EXPECT_LT(took, 1s);
  EXPECT_EQ(server.handled, 0);
}

TEST(HttpTime, AnswersASilentHalfHead) {
  TestServer server{quick()};
  RawClient client{server.port()};
  client.send("GET / HTTP/1.1\r\nHo");
  const auto answer = client.read_answer();
  EXPECT_EQ(answer.status, 408);
  EXPECT_TRUE(answer.has("Connection: close"));
  EXPECT_TRUE(client.ended());
}

TEST(HttpTime, ClosesAnIdleConnectionWithoutAWord) {
  TestServer server{quick()};
  RawClient client{server.port()};
  EXPECT_TRUE(client.ended());
  RawClient used{server.port()};
  used.send(get("/"));
  EXPECT_EQ(used.read_answer().status, 200);
  EXPECT_TRUE(used.ended());
  EXPECT_TRUE(eventually([&] { return server.metrics.sockets.value() == 0; }));
}

TEST(HttpTime, LetsAHandlerTakeItsTime) {
  TestServer server{quick()};
  RawClient client{server.port()};
  client.send(get("/gate"));
  ASSERT_TRUE(eventually([&] { return server.gate.waiting == 1; }));
  std::this_thread::sleep_for(500ms);  // beyond every limit
  server.gate.open();
  EXPECT_EQ(client.read_answer().body, "through");
}

TEST(HttpTime, ServesOthersBesideSilentClients) {
  TestServer server;
  std::vector<RawClient> silent;
  for (int i = 0; i < 200; ++i) {
    silent.emplace_back(server.port());
    if (i % 2 == 0) silent.back().send("GET / HTTP/1.1\r\nHost");
  }
  const auto start = SteadyClock::now();
  RawClient good{server.port()};
  good.send(get("/"));
  EXPECT_EQ(good.read_answer().status, 200);
  EXPECT_LT(SteadyClock::now() - start, 1s);
}

TEST(HttpTime, HurriesALongPollWhoseClientLeft) {
  TestServer server;
  RawClient leaver{server.port()};
  leaver.send(get("/wait"));
  RawClient breaker{server.port()};
  breaker.send(get("/wait"));
  ASSERT_TRUE(eventually([&] { return server.handled == 2; }));
  leaver.close();
  breaker.reset();
  EXPECT_TRUE(eventually([&] { return server.metrics.sockets.value() == 0; }));
}

TEST(HttpDrain, AnswersWhatWasAcceptedAndClosesTheRest) {
  TestServer server;
  RawClient idle{server.port()};
  RawClient polling{server.port()};
  RawClient busy{server.port()};
  polling.send(get("/wait"));
  busy.send(get("/gate"));
  ASSERT_TRUE(eventually([&] { return server.handled == 2 && server.metrics.sockets.value() == 3; }));
  std::thread drain{[&] { server->drain(2s); }};
  EXPECT_TRUE(idle.ended());
  const auto polled = polling.read_answer();
  EXPECT_EQ(polled.body, "hurried");
  EXPECT_TRUE(polled.has("Connection: close"));
  server.gate.open();
  EXPECT_EQ(busy.read_answer().body, "through");
  EXPECT_TRUE(busy.ended());
  idle.close();
  polling.close();
  busy.close();
  drain.join();
  EXPECT_EQ(server.metrics.sockets.value(), 0);
  EXPECT_FALSE(RawClient{server.port()}.connected());
}

TEST(HttpDrain, IsBounded) {
  TestServer server;
  RawClient stuck{server.port()};
  stuck.send(get("/gate"));
  ASSERT_TRUE(eventually([&] { return server.gate.waiting == 1; }));
  const auto start = SteadyClock::now();
  server->drain(100ms);
  EXPECT_LT(SteadyClock::now() - start, 2s);
  std::thread opener{[&] { server.gate.open(); }};
  server->stop();
  opener.join();
  EXPECT_LT(SteadyClock::now() - start, 4s);
}

TEST(HttpDrain, StopEndsEverythingAtOnce) {
  TestServer server{{}, 3};
  std::vector<RawClient> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(i % 3 == 0 ? get("/wait") : i % 3 == 1 ? get("/") : "GET / HT");
  }
  ASSERT_TRUE(eventually([&] { return server.metrics.sockets.value() == 20; }));
  const auto start = SteadyClock::now();
  server->stop();
  EXPECT_LT(SteadyClock::now() - start, 1s);
}

}  // namespace
}  // namespace danwa::beast
