#include "infra/client/node_client.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <future>

#include "infra/client/scripted_node.hpp"

namespace danwa::client {
namespace {

using tests::ScriptedNode;
using tests::ScriptedPeer;
using namespace std::chrono_literals;
using Event = WebSocketClient::Event;

std::string accept_of(const std::string& head) {
  const std::string name = "Sec-WebSocket-Key: ";
  const auto salted = head.substr(head.find(name) + name.size(), 24) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  EVP_Digest(salted.data(), salted.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, 29> text{};
  EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return reinterpret_cast<const char*>(text.data());
}

/// Upgrades, and plays `rest` then.
ScriptedNode::Script upgraded(ScriptedNode::Script rest) {
  return [rest = std::move(rest)](const ScriptedPeer& peer) {
    const auto head = peer.read_until("\r\n\r\n");
    peer.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
        accept_of(head) + "\r\n\r\n");
    rest(peer);
  };
}

std::string bytes(std::string_view literal) { return std::string{literal}; }

/// What a client makes of these frames of the node.
WebSocketClient::Next next_after(const std::string& frames) {
  const ScriptedNode node{{upgraded([&](const ScriptedPeer& peer) {
    peer.write(frames);
    peer.read_until("\x88");
  })}};
  WebSocketClient client;
  EXPECT_FALSE(client.open(Endpoint::parse(node.name()), "/", "").has_value());
  return client.next(5s);
}

TEST(WebSocketClient, AsksWithItsTokenAndReadsMessagesOfEveryLength) {
  std::string head;
  const ScriptedNode node{{[&](const ScriptedPeer& peer) {
    head = peer.read_until("\r\n\r\n");
    peer.write("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
               accept_of(head) + "\r\n\r\n\x81\x02hi");
    peer.write("\x81\x7E\x01\x2C" + std::string(300, 'm'));
    peer.write(bytes({"\x81\x7F\0\0\0\0\0\x01\x11\x70", 10}) + std::string(70000, 'l'));
    peer.read_until("\x88");
  }}};
  WebSocketClient client;
  ASSERT_FALSE(client.open(Endpoint::parse(node.name()), "/w?x=1", "tok").has_value());
  EXPECT_EQ(client.next(5s).text, "hi");
  EXPECT_EQ(client.next(5s).text, std::string(300, 'm'));
  EXPECT_EQ(client.next(5s).text, std::string(70000, 'l'));
  EXPECT_TRUE(head.starts_with("GET /w?x=1 HTTP/1.1\r\n")) << head;
  EXPECT_NE(head.find("Host: " + node.name() + "\r\n"), std::string::npos);
  EXPECT_NE(head.find("Authorization: Bearer tok\r\n"), std::string::npos);
  client.close();
}

TEST(WebSocketClient, SaysNothingWhenNothingComesAndGoesOnThen) {
  std::promise<void> go;
  const ScriptedNode node{{upgraded([&](const ScriptedPeer& peer) {
    go.get_future().wait();
    peer.write("\x81\x02hi");
    peer.read_until("\x88");
  })}};
  WebSocketClient client;
  ASSERT_FALSE(client.open(Endpoint::parse(node.name()), "/", "").has_value());
  EXPECT_EQ(client.next(50ms).event, Event::quiet);
  go.set_value();
  EXPECT_EQ(client.next(5s).text, "hi");
  client.close();
}

TEST(WebSocketClient, AnswersPingsByItself) {
  std::string pong;
  const ScriptedNode node{{upgraded([&](const ScriptedPeer& peer) {
    peer.write("\x89\x02ok");
    pong = peer.read(8);
    peer.write("\x81\x02hi");
    peer.read_until("\x88");
  })}};
  WebSocketClient client;
  ASSERT_FALSE(client.open(Endpoint::parse(node.name()), "/", "").has_value());
  EXPECT_EQ(client.next(5s).text, "hi");
  ASSERT_EQ(pong.size(), 8U);
  EXPECT_EQ(pong.substr(0, 2), "\x8A\x82");
  EXPECT_EQ(pong[6] ^ pong[2], 'o');
  client.close();
}

TEST(WebSocketClient, TellsTheCodeAndReasonOfAClose) {
  const auto end = next_after("\x88\x05\x03\xE9" + bytes("bye"));
  EXPECT_EQ(end.event, Event::closed);
  EXPECT_EQ(end.close_code, 1001);
  EXPECT_EQ(end.text, "bye");
  EXPECT_EQ(next_after(bytes({"\x88\0", 2})).close_code, 1005);
}

TEST(WebSocketClient, EndsOnMaskedReservedAndHugeFrames) {
  for (const auto& frame :
       {bytes("\x81\x85mask12345"), bytes({"\xC1\0", 2}), bytes("\x81\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF")}) {
    EXPECT_EQ(next_after(frame).close_code, 1002);
  }
}

TEST(WebSocketClient, TellsThatTheConnectionBroke) {
  const ScriptedNode node{{upgraded([](const ScriptedPeer&) {})}};
  WebSocketClient client;
  ASSERT_FALSE(client.open(Endpoint::parse(node.name()), "/", "").has_value());
  const auto end = client.next(5s);
  EXPECT_EQ(end.close_code, 1006);
  EXPECT_EQ(end.text, node.name() + ": connection closed");
}

TEST(WebSocketClient, TellsWhyItIsRefused) {
  const ScriptedNode node{{[](const ScriptedPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'n'));
  }}};
  WebSocketClient client;
  const auto refused = client.open(Endpoint::parse(node.name()), "/", "");
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 403);
  EXPECT_EQ(refused->body, std::string(2000, 'n'));
}

TEST(WebSocketClient, WantsTheRightAccept) {
  const ScriptedNode node{{[](const ScriptedPeer& peer) {
    peer.read_until("\r\n\r\n");
    peer.write(
        "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    peer.read_until("\x88");
  }}};
  WebSocketClient client;
  EXPECT_THROW(client.open(Endpoint::parse(node.name()), "/", ""), NetworkError);
}

}  // namespace
}  // namespace danwa::client
