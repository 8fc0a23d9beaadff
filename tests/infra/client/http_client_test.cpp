#include "infra/client/node_client.hpp"

#include <gtest/gtest.h>

#include "infra/client/scripted_node.hpp"

namespace danwa::client {
namespace {

using tests::ScriptedNode;
using tests::ScriptedPeer;
using namespace std::chrono_literals;

ScriptedNode::Script answers(std::vector<std::string> answers) {
  return [answers = std::move(answers)](const ScriptedPeer& peer) {
    for (const auto& answer : answers) {
      peer.read_until("\r\n\r\n");
      peer.write(answer);
    }
    peer.read_until("\r\n\r\n");
  };
}

HttpReply ask(const std::string& answer) {
  const ScriptedNode node{{answers({answer})}};
  return HttpClient{Endpoint::parse(node.name()), 2s}.send({});
}

std::string why(HttpClient& client, const HttpRequest& request = {}) {
  try {
    client.send(request);
  } catch (const NetworkError& error) {
    return error.what();
  }
  return "answered";
}

TEST(HttpClient, WritesWhatIsAsked) {
  std::string head;
  std::string body;
  const ScriptedNode node{{[&](const ScriptedPeer& peer) {
    head = peer.read_until("\r\n\r\n");
    body = peer.read(2);
    peer.write("HTTP/1.1 201 Created\r\nContent-Length: 5\r\nX-Y: z\r\n\r\nhello");
  }}};
  HttpClient client{Endpoint::parse(node.name())};
  const auto reply =
      client.send({.method = "POST", .target = "/a?b=c", .token = "t", .headers = {{"X", "y"}}, .body = "{}"});
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.body, "hello");
  EXPECT_EQ(reply.header("x-y"), "z");
  EXPECT_EQ(reply.header("x"), "");
  EXPECT_EQ(body, "{}");
  EXPECT_EQ(head, "POST /a?b=c HTTP/1.1\r\nHost: " + node.name() +
                      "\r\nAuthorization: Bearer t\r\nX: y\r\nContent-Type: application/json\r\n"
                      "Content-Length: 2\r\n\r\n");
}

TEST(HttpClient, ReadsChunksInterimAnswersAndAnswersWithoutABody) {
  EXPECT_EQ(ask("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").body, "abcde");
  EXPECT_EQ(ask("HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n").body, "");
  const auto reply = ask("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "ok");
}

TEST(HttpClient, RefusesWhatIsNoAnswer) {
  for (const std::string bytes :
       {"SSH-2.0-OpenSSH_9\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    const ScriptedNode node{{answers({bytes})}};
    HttpClient client{Endpoint::parse(node.name()), 2s};
    EXPECT_EQ(why(client), node.name() + ": the answer is no HTTP/1.1") << bytes;
  }
}

TEST(HttpClient, UsesItsConnectionAgainAndAsksOnceMoreWhenThatWasClosed) {
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  const auto closes = [&ok](const ScriptedPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.write(ok);
    peer.read_until("\r\n\r\n");
    peer.write(ok);
  };
  const ScriptedNode node{{closes, closes}};
  HttpClient client{Endpoint::parse(node.name()), 2s};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(client.send({}).status, 200) << i;
}

TEST(HttpClient, SendsAPostOnce) {
  const ScriptedNode node{{answers({"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"})}};
  HttpClient client{Endpoint::parse(node.name()), 2s};
  EXPECT_EQ(client.send({}).status, 200);
  EXPECT_EQ(why(client, {.method = "POST", .target = "/", .token = {}, .headers = {}, .body = {}}),
            node.name() + ": connection closed");
}

TEST(HttpClient, GivesUpInTime) {
  const ScriptedNode node{{answers({"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut"})}};
  HttpClient client{Endpoint::parse(node.name()), 100ms};
  EXPECT_EQ(why(client), node.name() + ": no answer in time");
}

TEST(ReplyParser, ReadsAnAnswerAtEveryCut) {
  const std::string bytes = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    ReplyParser parser;
    std::string waiting = bytes.substr(0, cut);
    std::string_view rest = waiting;
    ASSERT_FALSE(parser.feed(rest)) << cut;
    waiting = std::string{rest} + bytes.substr(cut) + "HTTP/1.1 200";
    rest = waiting;
    ASSERT_TRUE(parser.feed(rest)) << cut;
    EXPECT_EQ(rest, "HTTP/1.1 200");
    EXPECT_EQ(parser.take().body, "hello");
  }
}

TEST(Endpoint, ReadsTheUsualForms) {
  EXPECT_EQ(Endpoint::parse("127.0.0.1:80").name, "127.0.0.1:80");
  EXPECT_EQ(Endpoint::parse("http://127.0.0.1:80/").name, "127.0.0.1:80");
  EXPECT_EQ(Endpoint::parse("[::1]:80").addresses.front().family(), AF_INET6);
  for (const char* bad : {"", "80", ":80", "127.0.0.1", "127.0.0.1:", "https://127.0.0.1:1", "127.0.0.1:80/path",
                          "127.0.0.1:99999", "127.0.0.1:0", "::1:80"}) {
    EXPECT_THROW(Endpoint::parse(bad), NetworkError) << bad;
  }
}

}  // namespace
}  // namespace danwa::client
