#include <gtest/gtest.h>

#include "infra/beast/ws_fixture.hpp"

namespace danwa::beast {
namespace {

using namespace std::chrono_literals;

TEST(LeasedStream, ClosesWith4401WhenItsTokenIsRevoked) {
  StreamServer server{quick_limits(), 5min};
  WsClient socket{server.port()};
  ASSERT_TRUE(socket.read_until("\r\n\r\n"));
  WsClient events{server.port(), get("/sse", "Accept: text/event-stream\r\n")};
  ASSERT_TRUE(events.read_until("\r\n\r\n"));
  server.leases.revoke();
  const auto close = socket.read_answer_frame();
  EXPECT_EQ(close.close_code(), 4401);
  EXPECT_EQ(close.reason(), "token-revoked");
  EXPECT_TRUE(events.read_until("closed 4401 token-revoked"));
}

TEST(LeasedStream, IsNotWarnedOfAnEndThatIsFarAway) {
  StreamServer server{quick_limits(), std::chrono::hours{24 * 365 * 7'900L}};
  WsClient socket{server.port()};
  ASSERT_TRUE(socket.read_until("\r\n\r\n"));
  ASSERT_NE(server.watch(), nullptr);
  for (const std::string text : {"one", "two"}) {
    EXPECT_TRUE(server.watch()->deliver({make_frame(1, text)}));
    EXPECT_EQ(socket.read_answer_frame().payload, text) << "and nothing before it";
  }
}

TEST(LeasedStream, IsWarnedBehindItsFirstBatchWhenItsEndIsNear) {
  StreamServer server{quick_limits(), 20s};
  WsClient socket{server.port()};
  ASSERT_TRUE(socket.read_until("\r\n\r\n"));
  ASSERT_NE(server.watch(), nullptr);
  EXPECT_TRUE(server.watch()->deliver({make_frame(1, "first")}));
  EXPECT_EQ(socket.read_answer_frame().payload, "first");
  EXPECT_NE(socket.read_answer_frame().payload.find("token-expiring"), std::string::npos);
}

}  // namespace
}  // namespace danwa::beast
