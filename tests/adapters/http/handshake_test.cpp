#include "adapters/http/handshake.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace danwa::adapters::http {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

Request good() {
  Request request;
  request.method = "GET";
  request.headers = {{"host", "localhost"},
                     {"upgrade", "websocket"},
                     {"connection", "Upgrade"},
                     {"sec-websocket-key", std::string{kKey}},
                     {"sec-websocket-version", "13"}};
  return request;
}

Request with(std::string_view name, std::string value) {
  auto request = good();
  for (auto& [key, old] : request.headers) {
    if (key == name) old = value;
  }
  return request;
}

Request without(std::string_view name) {
  auto request = good();
  std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
  return request;
}

int status_of(const Request& request) {
  const auto checked = check_handshake(request);
  const auto* refusal = std::get_if<Response>(&checked);
  return refusal == nullptr ? 101 : refusal->status;
}

TEST(Handshake, AcceptsAGoodRequest) {
  const auto checked = check_handshake(good());
  ASSERT_TRUE(std::holds_alternative<WebSocketKey>(checked));
  EXPECT_EQ(std::get<WebSocketKey>(checked).value, kKey);
}

TEST(Handshake, FindsTokensInListsInAnyCase) {
  EXPECT_EQ(status_of(with("upgrade", "h2c , WebSocket")), 101);
  EXPECT_EQ(status_of(with("connection", "keep-alive, UPGRADE")), 101);
  auto two_lines = good();
  two_lines.headers.emplace_back("connection", "keep-alive");
  EXPECT_EQ(status_of(two_lines), 101);
}

TEST(Handshake, WantsGetAndHttp11) {
  auto post = good();
  post.method = "POST";
  EXPECT_EQ(status_of(post), 400);
  auto old = good();
  old.http_1_0 = true;
  EXPECT_EQ(status_of(old), 400);
}

TEST(Handshake, WantsUpgradeAndConnection) {
  for (const auto* name : {"upgrade", "connection"}) EXPECT_EQ(status_of(without(name)), 400) << name;
  EXPECT_EQ(status_of(with("upgrade", "websockets")), 400);
  EXPECT_EQ(status_of(with("connection", "upgraded")), 400);
  EXPECT_EQ(status_of(with("connection", "keep-alive")), 400);
}

TEST(Handshake, AnswersAnotherVersionWith426AndItsOwn) {
  for (const auto* version : {"", "0", "7", "8", "12", "14", "013", "13.0", "+13", "13, 8", "thirteen"}) {
    EXPECT_EQ(status_of(with("sec-websocket-version", version)), 426) << version;
  }
  const auto checked = check_handshake(without("sec-websocket-version"));
  const auto& refusal = std::get<Response>(checked);
  EXPECT_EQ(refusal.status, 426);
  const std::pair<std::string, std::string> own{"Sec-WebSocket-Version", "13"};
  EXPECT_EQ(std::count(refusal.headers.begin(), refusal.headers.end(), own), 1);
}

TEST(Handshake, RefusesTwoVersions) {
  auto request = good();
  request.headers.emplace_back("sec-websocket-version", "13");
  EXPECT_EQ(status_of(request), 426);
}

TEST(Handshake, WantsTheBase64Of16BytesAsKey) {
  for (const auto* key : {"", "AAAA", "dGhlIHNhbXBsZSBub25jZQ",
                          "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===", "AQIDBAUGBwgJCgsMDQ4P",
                          "AQIDBAUGBwgJCgsMDQ4PEBE=", "dGhlIHNhbXBsZSBub25jZ*==", "dGhl IHNhbXBsZSBub25jZQ==",
                          "dGhlIHNhbXBsZSBub25jZ-==", "========================", "not base64 at all, no !!"}) {
    EXPECT_EQ(status_of(with("sec-websocket-key", key)), 400) << key;
  }
  EXPECT_EQ(status_of(without("sec-websocket-key")), 400);
}

TEST(Handshake, MindsNoBitsThatSayNothing) {
  for (const auto* key : {"dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZf==", "ABCDEFGHIJKLMNOPQRSTUV=="}) {
    EXPECT_EQ(status_of(with("sec-websocket-key", key)), 101) << key;
  }
}

TEST(Handshake, RefusesTwoKeys) {
  auto request = good();
  request.headers.emplace_back("sec-websocket-key", std::string{kKey});
  EXPECT_EQ(status_of(request), 400);
}

TEST(Handshake, DeclinesExtensionsBySilence) {
  auto request = good();
  request.headers.emplace_back("sec-websocket-extensions", "permessage-deflate;;");
  EXPECT_EQ(status_of(request), 101);
  const auto head = switching_protocols("abc=", std::nullopt);
  EXPECT_EQ(head.find("Extensions"), std::string::npos);
}

TEST(Handshake, WritesTheAnswer) {
  EXPECT_EQ(switching_protocols("abc=", "danwa.v1"),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: abc=\r\nSec-WebSocket-Protocol: danwa.v1\r\n\r\n");
}

TEST(Handshake, KnowsWhoAsksForAWebSocket) {
  EXPECT_TRUE(asks_for_websocket(good()));
  EXPECT_TRUE(asks_for_websocket(without("connection")));
  EXPECT_FALSE(asks_for_websocket(without("upgrade")));
}

}  // namespace
}  // namespace danwa::adapters::http
