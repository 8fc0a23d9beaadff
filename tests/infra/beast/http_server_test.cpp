#include "infra/beast/http_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <cstdint>
#include <functional>
#include <future>
#include <utility>

#include "infra/beast/http_fixture.hpp"
#include "infra/beast/raw_client.hpp"

namespace danwa::beast {
namespace {

using namespace std::chrono_literals;
const std::string kJson = "Content-Type: application/json\r\n";
const std::string kToken = "Authorization: Bearer x\r\n";

TEST(HttpServer, AnswersAndKeepsTheConnection) {
  TestServer server;
  RawClient client{server.port()};
  for (int i = 0; i < 3; ++i) {
    client.send(get("/"));
    const auto answer = client.read_answer();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_TRUE(answer.has("Content-Length: 5"));
    EXPECT_TRUE(answer.has("Content-Type: text/plain"));
    EXPECT_TRUE(answer.has("Server: danwa"));
    EXPECT_TRUE(answer.has("Date: Sun, 06 Nov 1994 08:49:37 GMT"));
    EXPECT_TRUE(answer.has("X-Content-Type-Options: nosniff"));
    EXPECT_EQ(answer.head.find("Connection:"), std::string::npos);
  }
  EXPECT_EQ(server.metrics.sockets.value(), 1);
  EXPECT_EQ(server.metrics.http_requests.value(), 3U);
}

TEST(HttpServer, TakesRequestsByteByByte) {
  TestServer server;
  RawClient client{server.port()};
  client.send_byte_by_byte(post("/echo", "abc"));
  EXPECT_EQ(client.read_answer().body, "abc");
  client.send_byte_by_byte(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\nT: u\r\n\r\n");
  EXPECT_EQ(client.read_answer().body, "abc");
}

TEST(HttpServer, AnswersAHundredPipelinedRequestsInOrder) {
  TestServer server;
  RawClient client{server.port()};
  std::string all;
  for (int i = 0; i < 100; ++i) all += post("/echo", std::to_string(i));
  client.send(all);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.read_answer().body, std::to_string(i));
}

TEST(HttpServer, AnswersOnePipelinedRequestInAStepOfTheLoop) {
  TestServer server;
  auto& loop = server.first_thread().context();
  std::uint64_t most = 0, before = 0;  // refusals in one step; used on the io thread only
  std::atomic<bool> looks{true};
  std::promise<void> looked;
  std::function<void()> look = [&] {
    const auto refused = server.metrics.http_errors.value();
    most = std::max(most, refused - std::exchange(before, refused));
    looks ? boost::asio::post(loop, look) : looked.set_value();
  };
  boost::asio::post(loop, look);
  RawClient client{server.port()};
  std::string all;
  for (int i = 0; i < 100; ++i) all += get("/nowhere");
  client.send(all);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.read_answer().status, 404);
  looks = false;
  looked.get_future().wait();
  EXPECT_EQ(most, 1U);
}

TEST(HttpServer, StaysInStepAfterRefusals) {
  TestServer server;
  RawClient client{server.port()};
  const std::string chunked =
      "POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nGET\r\n0\r\n\r\n";
  client.send(get("/") + post("/nowhere", "body") + chunked + post("/json", "{}") + post("/json", "{}", kToken) +
              post("/json", "{}", kToken + kJson) + post("/", "x") + get("/%zz") + get("http://other/") +
              post("/echo", "x", "Expect: gold\r\n") + get("/"));
  for (const int status : {200, 404, 404, 401, 415, 200, 405, 400, 421, 417})
    EXPECT_EQ(client.read_answer().status, status);
  EXPECT_EQ(client.read_answer().body, "hello");
}

TEST(HttpServer, ReadsWhatIsPipelinedBehindARunningHandler) {
  TestServer server;
  RawClient client{server.port()};
  client.send(get("/gate"));
  ASSERT_TRUE(eventually([&] { return server.gate.waiting == 1; }));
  client.send(get("/") + post("/echo", "x"));
  EXPECT_EQ(server.handled, 1) << "one at a time";
  server.gate.open();
  EXPECT_EQ(client.read_answer().body, "through");
  EXPECT_EQ(client.read_answer().body, "hello");
  EXPECT_EQ(client.read_answer().body, "x");
}

TEST(HttpServer, LeavesOutTheBodyForHead) {
  TestServer server;
  RawClient client{server.port()};
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + get("/"));
  const auto answer = client.read_answer(true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("Content-Length: 5"));
  EXPECT_EQ(client.read_answer().body, "hello");
}

TEST(HttpServer, ShowsWhyAHeadWasRefusedAlsoAfterAHead) {
  TestServer server;
  RawClient client{server.port()};
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(client.read_answer(true).status, 200);
  const auto refused = client.read_answer();
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("host-missing"), std::string::npos);
}

TEST(HttpServer, NamesTheMethodsOfAResource) {
  TestServer server;
  RawClient client{server.port()};
  client.send(
      "OPTIONS /echo HTTP/1.1\r\nHost: x\r\nOrigin: http://evil\r\n\r\nDELETE /echo HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto options = client.read_answer();
  EXPECT_EQ(options.status, 204);
  EXPECT_TRUE(options.has("Allow: POST, OPTIONS"));
  EXPECT_EQ(options.head.find("Content-Length"), std::string::npos);
  EXPECT_EQ(options.head.find("Access-Control"), std::string::npos) << "a foreign page gets no grant";
  const auto refused = client.read_answer();
  EXPECT_EQ(refused.status, 405);
  EXPECT_TRUE(refused.has("Allow: POST, OPTIONS"));
}

TEST(HttpServer, ContinuesOnlyWhenTheBodyIsWanted) {
  TestServer server;
  RawClient client{server.port()};
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_answer().status, 100);
  client.send("abc");
  EXPECT_EQ(client.read_answer().body, "abc");
  client.send("POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  const auto refused = client.read_answer();
  EXPECT_EQ(refused.status, 401) << "no 100 before";
  EXPECT_TRUE(refused.has("Connection: close")) << "nobody knows whether the body comes";
  EXPECT_TRUE(client.ended());
}

TEST(HttpServer, RefusesALargeBodyBeforeItComes) {
  for (const std::string more : {"", "Expect: 100-continue\r\n"}) {
    TestServer server;
    RawClient client{server.port()};
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000000\r\n" + more + "\r\n");
    const auto answer = client.read_answer();
    EXPECT_EQ(answer.status, 413);
    EXPECT_TRUE(answer.has("Connection: close"));
    EXPECT_TRUE(answer.has("Content-Type: application/problem+json"));
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(server.handled, 0);
  }
}

TEST(HttpServer, LosesNoAnswerToBytesThatStillCome) {
  TestServer server;
  RawClient client{server.port()};
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" + std::string(500'000, 'x'));
  EXPECT_EQ(client.read_answer().status, 413);
  client.end_sending();
  EXPECT_TRUE(client.ended());
}

TEST(HttpServer, GivesOneAnswerToASmuggledPair) {
  const std::string smuggled = "0\r\n\r\n" + get("/");
  for (const std::string framing :
       {"Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Transfer-Encoding: identity", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked;q=1", "Transfer-Encoding:", "Content-Length: 5\r\nContent-Length: 0",
        "Transfer-Encoding : chunked", "Transfer-Encoding: chunked\r\n x", "X: y\rZ: a", "Host: b"}) {
    TestServer server;
    RawClient client{server.port()};
    client.send("POST /echo HTTP/1.1\r\nHost: x\r\n" + framing + "\r\n\r\n" + smuggled);
    const auto answer = client.read_answer();
    EXPECT_TRUE(answer.status == 400 || answer.status == 501) << framing;
    EXPECT_TRUE(answer.has("Connection: close")) << framing;
    EXPECT_EQ(client.read_to_end(), (std::pair{std::string{}, true})) << framing;
    EXPECT_EQ(server.handled, 0) << framing;
  }
}

TEST(HttpServer, AnswersGarbageAtOnce) {
  TestServer server;
  for (const std::string garbage :
       {"\x16\x03\x01\x02\x00", "SSH-2.0-OpenSSH_9.2\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /\r\n\r\n",
        "\xff\xfe\xfd", "GET / HTTP/1.1\nHost: x\n\n"}) {
    RawClient client{server.port()};
    const auto start = std::chrono::steady_clock::now();
    client.send(garbage);
    const auto status = client.read_answer().status;
    EXPECT_TRUE(status == 400 || status == 505) << garbage << status;
    EXPECT_LT(std::chrono::steady_clock::now() - start, 1s) << garbage;
  }
  RawClient good{server.port()};
  good.send(get("/"));
  EXPECT_EQ(good.read_answer().status, 200);
}

TEST(HttpServer, TellsThatARequestWasCut) {
  for (const std::string part : {"GET / HT", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
                                 "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"}) {
    TestServer server;
    RawClient client{server.port()};
    client.send(part);
    client.end_sending();
    EXPECT_EQ(client.read_answer().status, 400) << part;
    EXPECT_TRUE(client.ended());
    EXPECT_EQ(server.handled, 0);
  }
}

TEST(HttpServer, AnswersAClientThatSendsNoMore) {
  TestServer server;
  RawClient client{server.port()};
  client.send(get("/") + post("/echo", "x"));
  client.end_sending();
  EXPECT_EQ(client.read_answer().body, "hello");
  EXPECT_EQ(client.read_answer().body, "x");
  EXPECT_TRUE(client.ended());
}

TEST(HttpServer, ClosesWhenAsked) {
  TestServer server;
  RawClient client{server.port()};
  client.send(get("/", "Connection: close\r\n") + get("/"));
  EXPECT_TRUE(client.read_answer().has("Connection: close"));
  EXPECT_TRUE(client.ended()) << "what follows is not read";
  EXPECT_EQ(server.handled, 1);
  RawClient old{server.port()};
  old.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.read_answer().body, "hello");
  EXPECT_TRUE(old.ended());
  RawClient kept{server.port()};
  kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(kept.read_answer().has("Connection: keep-alive"));
}

TEST(HttpServer, AnswersADefectOnceAndLogsIt) {
  TestServer server;
  RawClient client{server.port()};
  client.send(get("/defect") + get("/"));
  const auto answer = client.read_answer();
  EXPECT_EQ(answer.status, 500);
  EXPECT_NE(answer.head.find("X-Request-Id: "), std::string::npos);
  EXPECT_EQ(answer.body.find("broken"), std::string::npos) << "the reason stays in the log";
  EXPECT_EQ(client.read_answer().status, 200);
  EXPECT_EQ(server.log.count("http.handler_failed"), 1U);
  EXPECT_EQ(server.metrics.http_errors.value(), 1U);
}

TEST(HttpServer, SendsALargeAnswer) {
  TestServer server;
  RawClient client{server.port()};
  client.send(get("/big") + get("/"));
  EXPECT_EQ(client.read_answer().body.size(), 1'000'000U);
  EXPECT_EQ(client.read_answer().body, "hello");
}

TEST(HttpServer, AnswersItsHostsAndOriginsOnly) {
  TestServer server{{.allowed_hosts = {"localhost"}, .allowed_origins = {"http://localhost"}}};
  RawClient client{server.port()};
  client.send(get("/", "Origin: http://localhost:3000\r\n") + get("/", "Origin: http://evil.example\r\n") +
              "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n" + get("/"));
  for (const int status : {200, 403, 421, 200}) EXPECT_EQ(client.read_answer().status, status);
}

TEST(HttpServer, RefusesConnectionsAboveItsBound) {
  TestServer server{{.max_connections = 2}};
  RawClient first{server.port()};
  RawClient second{server.port()};
  ASSERT_TRUE(eventually([&] { return server.metrics.sockets.value() == 2; }));
  RawClient third{server.port()};
  const auto refused = third.read_answer();
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.has("Retry-After: 1"));
  third.close();
  second.close();
  ASSERT_TRUE(eventually([&] { return server.metrics.sockets.value() == 1; }));
  RawClient fourth{server.port()};
  fourth.send(get("/"));
  EXPECT_EQ(fourth.read_answer().status, 200);
}

TEST(HttpServer, SaysWhyItCannotListen) {
  TestServer server;
  adapters::http::Router router;
  NoFeed feed;
  CountingLogger log;
  adapters::Metrics metrics;
  FixedClock clock;
  net::IoThreads threads{1};
  for (const auto& listen : {server->bound_address(), std::string{"nonsense"}, std::string{"127.0.0.1:99999"}}) {
    EXPECT_THROW((HttpServer{{.listen = listen}, threads, router, feed, log, metrics, clock}), std::runtime_error);
  }
}

}  // namespace
}  // namespace danwa::beast
