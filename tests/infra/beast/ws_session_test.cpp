#include <gtest/gtest.h>

#include "infra/beast/stream_frames.hpp"
#include "infra/beast/ws_fixture.hpp"
#include "support/wait_for.hpp"

namespace danwa::beast {
namespace {

using namespace std::chrono_literals;
using delivery::FrameBatch;
using delivery::FramePtr;

/// A client whose upgrade was answered.
WsClient connect(StreamServer& server, int receive_buffer = 0) {
  WsClient client{server.port(), upgrade(), receive_buffer};
  EXPECT_EQ(client.read_answer().status, 101);
  return client;
}

TEST(WsUpgrade, AnswersWithTheAcceptKeyAndTheSubprotocol) {
  StreamServer server;
  WsClient client{server.port(), upgrade("Sec-WebSocket-Protocol: danwa.v1, bearer.x\r\n")};
  const auto answer = client.read_answer();
  EXPECT_EQ(answer.status, 101);
  EXPECT_TRUE(answer.has("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  EXPECT_TRUE(answer.has("Sec-WebSocket-Protocol: danwa.v1"));
}

TEST(WsUpgrade, RefusesABadKeyWith400AndAnotherVersionWith426) {
  StreamServer server;
  WsClient bad_key{server.port(), get("/ws",
                                      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                      "Sec-WebSocket-Key: short\r\n")};
  EXPECT_EQ(bad_key.read_answer().status, 400);
  WsClient old{server.port(), get("/ws",
                                  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")};
  const auto answer = old.read_answer();
  EXPECT_EQ(answer.status, 426);
  EXPECT_TRUE(answer.has("Sec-WebSocket-Version: 13"));
  bad_key.close();
  old.close();
  EXPECT_EQ(server.feed.count(), 0U);
  expect_clean(server);
}

TEST(WsSession, WritesABatchInOrderThenSaysReady) {
  StreamServer server;
  auto client = connect(server);
  const auto watch = server.watch();
  ASSERT_TRUE(eventually([&] { return watch->readies == 1; }));
  watch->deliver(batch(1, 16));
  for (int seq = 1; seq <= 16; ++seq) ASSERT_EQ(client.read_frame().payload, body(seq));
  EXPECT_TRUE(eventually([&] { return watch->readies == 2; }));
  watch->deliver(batch(17, 17));
  EXPECT_EQ(client.read_frame().payload, body(17));
  EXPECT_TRUE(eventually([&] { return watch->readies == 3; }));
}

TEST(WsSession, ReadsFramesThatCameWithTheRequest) {
  StreamServer server;
  WsClient client{server.port(), upgrade() + tests::client_ping("early")};
  EXPECT_EQ(client.read_answer().status, 101);
  const auto pong = client.read_frame();
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "early");
}

TEST(WsSession, AnswersEveryPing) {
  StreamServer server;
  auto client = connect(server);
  std::string pings;
  for (int i = 0; i < 10; ++i) pings += tests::client_ping(std::to_string(i));
  client.send_byte_by_byte(pings);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(client.read_frame().payload, std::to_string(i));
}

TEST(WsSession, ForgetsTextMessages) {
  StreamServer server;
  auto client = connect(server);
  client.send(tests::client_text("{\"type\":\"hello\"}") + tests::client_text(std::string(65'536, 'x')) +
              tests::client_ping("still here"));
  EXPECT_EQ(client.read_frame().payload, "still here");
}

TEST(WsSession, EndsAClientOfTooManyMessagesWith4429) {
  StreamServer server;
  auto client = connect(server);
  std::string flood;
  for (int i = 0; i < 2'500; ++i) flood += tests::client_text("x");
  client.send(flood);
  EXPECT_EQ(client.read_frame().close_code(), 4429);
}

struct BadFrame {
  std::string name;
  std::string bytes;
  int code;
};
class WsRefusal : public testing::TestWithParam<BadFrame> {};

TEST_P(WsRefusal, ClosesWithItsCodeThenEndsTheConnection) {
  StreamServer server;
  auto client = connect(server);
  client.send(GetParam().bytes);
  EXPECT_EQ(client.read_frame().close_code(), GetParam().code);
  EXPECT_TRUE(client.ended());
  client.close();
  expect_clean(server);
}

INSTANTIATE_TEST_SUITE_P(Frames, WsRefusal,
                         testing::Values(BadFrame{"NotMasked", std::string{"\x81\x02hi", 4}, 1002},
                                         BadFrame{"ReservedBits", tests::client_frame(0xF1, "x"), 1002},
                                         BadFrame{"ReservedOpcode", tests::client_frame(0x83), 1002},
                                         BadFrame{"FragmentedPing", tests::client_frame(0x09), 1002},
                                         BadFrame{"LongPing", tests::client_ping(std::string(126, 'x')), 1002},
                                         BadFrame{"LoneContinuation", tests::client_frame(0x80, "x"), 1002},
                                         BadFrame{"CloseOfOneByte", tests::client_frame(0x88, "x"), 1002},
                                         BadFrame{"CloseCode1005", tests::client_close(1005), 1002},
                                         BadFrame{"Binary", tests::client_frame(0x82, "x"), 1003},
                                         BadFrame{"NotUtf8", tests::client_text("\xFF"), 1007},
                                         BadFrame{"CloseReasonNotUtf8", tests::client_close(1000, "\xFF"), 1007},
                                         BadFrame{"TooBig", tests::client_text(std::string(65'537, 'x')), 1009}),
                         [](const auto& parameter) { return parameter.param.name; });

TEST(WsClose, AnswersWithTheClientsCode) {
  StreamServer server;
  for (const int code : {1000, 1001, 3000, 4999}) {
    auto client = connect(server);
    client.send(tests::client_close(static_cast<std::uint16_t>(code), "bye"));
    EXPECT_EQ(client.read_frame().close_code(), code);
    EXPECT_TRUE(client.ended());
  }
  auto client = connect(server);
  client.send(tests::client_frame(0x88));
  const auto answer = client.read_frame();
  EXPECT_EQ(answer.opcode, 8);
  EXPECT_TRUE(answer.payload.empty());
  client.close();
  expect_clean(server);
}

TEST(WsClose, TellsWatchersWhenTheFeedEnds) {
  StreamServer server;
  auto client = connect(server);
  server.watch()->end(delivery::WatchCloseReason::going_away);
  const auto close = client.read_frame();
  EXPECT_EQ(close.close_code(), 1001);
  EXPECT_TRUE(close.reason().starts_with("retry-after="));
  client.send(tests::client_close(1001));
  EXPECT_TRUE(client.ended());
}

TEST(WsClose, DoesNotWaitForAClientThatNeverAnswers) {
  StreamServer server;
  auto client = connect(server);
  server.watch()->end(delivery::WatchCloseReason::unavailable);
  EXPECT_EQ(client.read_frame().close_code(), 1001);
  expect_clean(server);
}

TEST(WsClose, EndsWhenTheClientHalfClosesOrResets) {
  StreamServer server;
  auto half = connect(server);
  half.end_sending();
  auto reset = connect(server);
  reset.reset();
  auto gone = connect(server);
  gone.close();
  expect_clean(server);
}

TEST(WsClose, GivesEveryPlaceBackAfterAThousandClientsOfEveryKind) {
  StreamServer server;
  for (int round = 0; round < 10; ++round) {
    std::vector<WsClient> clients;
    for (int i = 0; i < 100; ++i) clients.push_back(connect(server));
    for (int i = 0; i < 100; ++i) {
      if (i % 4 == 0) clients[static_cast<std::size_t>(i)].send(tests::client_close(1000));
      if (i % 4 == 1) clients[static_cast<std::size_t>(i)].reset();
    }
  }
  EXPECT_TRUE(eventually([&] { return server.feed.count() == 1'000; }));
  expect_clean(server);
}

TEST(WsSlowReader, HasOneBatchInFlightAndSaysReadyOnlyWhenItIsWritten) {
  StreamServer server;
  auto client = connect(server, 4'096);
  const auto watch = server.watch();
  const std::string big(16'000, 'x');
  int sent = 0;
  FrameBatch frames;
  const auto deliver = [&] {
    frames.clear();
    for (int i = 0; i < 16; ++i, ++sent) {
      frames.push_back(make_frame(static_cast<domain::Seq>(sent + 1), std::to_string(sent + 1) + big));
    }
    return watch->deliver(frames);
  };
  int batches = 0;
  while (eventually([&] { return watch->readies == batches + 1; }) && deliver()) {
    if (++batches == 100 || !tests::wait_for([&] { return watch->readies == batches + 1; }, 300ms)) break;
  }
  ASSERT_LT(batches, 20) << "the socket's buffer holds far less";
  EXPECT_EQ(watch->readies, batches);
  for (int i = 1; i <= sent; ++i) ASSERT_EQ(client.read_answer_frame().payload, std::to_string(i) + big);
  EXPECT_TRUE(eventually([&] { return watch->readies == batches + 1; }));
}

TEST(WsSlowReader, GetsNoTextThatWasRemovedBeforeItsFirstByte) {
  StreamServer server;
  auto client = connect(server, 4'096);
  const auto watch = server.watch();
  FrameBatch frames;
  for (int i = 0; i < 16; ++i)
    frames.push_back(make_frame(static_cast<domain::Seq>(i), "secret" + std::string(60'000, 'x')));
  ASSERT_TRUE(watch->deliver(frames));
  ASSERT_TRUE(tests::wait_for([&] { return server.metrics.websockets.value() == 1; }));
  EXPECT_EQ(client.read_frame().payload.substr(0, 6), "secret");
  frames.back()->redact();
  frames[14]->redact();
  for (int i = 1; i < 14; ++i) ASSERT_EQ(client.read_frame().payload.substr(0, 6), "secret");
  EXPECT_EQ(client.read_frame().payload, "gone");
  EXPECT_EQ(client.read_frame().payload, "gone");
}

TEST(WsSlowReader, GetsPongsBetweenFramesNotInside) {
  StreamServer server;
  auto client = connect(server, 4'096);
  const auto watch = server.watch();
  FrameBatch frames;
  const std::string big(60'000, 'x');
  for (int i = 0; i < 16; ++i) frames.push_back(make_frame(static_cast<domain::Seq>(i), big));
  ASSERT_TRUE(watch->deliver(frames));
  client.send(tests::client_ping("between"));
  int texts = 0;
  bool between = false;
  while (texts < 16) {
    const auto frame = client.read_frame();
    ASSERT_TRUE(frame.opcode == 1 || frame.opcode == 10) << frame.opcode;
    if (frame.opcode == 1) {
      ASSERT_EQ(frame.payload, big);
      ++texts;
    } else {
      EXPECT_EQ(frame.payload, "between");
      between = texts < 16;
    }
  }
  EXPECT_TRUE(between);
}

TEST(WsSlowReader, HasAtMostAFewKilobytesOfPongsWaiting) {
  StreamServer server;
  auto client = connect(server, 4'096);
  ASSERT_TRUE(server.watch()->deliver({make_frame(1, std::string(2'000'000, 'x'))}));
  std::string pings;
  for (int i = 0; i < 1'000; ++i) pings += tests::client_ping(std::string(125, 'p'));
  client.send(pings);
  ASSERT_EQ(client.read_frame().opcode, 1);
  client.send(tests::client_close(1000));
  int pongs = 0;
  auto frame = client.read_frame();
  for (; frame.opcode == 10; frame = client.read_frame()) ++pongs;
  EXPECT_EQ(frame.opcode, 8);
  EXPECT_GT(pongs, 10);
  EXPECT_LT(pongs, 1'000);
}

TEST(WsTime, PingsAndKeepsAClientThatAnswers) {
  auto limits = quick_limits();
  limits.ping_interval = 50ms;
  limits.pong_timeout = 1s;
  StreamServer server{limits};
  auto client = connect(server);
  const auto end = std::chrono::steady_clock::now() + 2s;
  while (std::chrono::steady_clock::now() < end) {
    const auto frame = client.read_frame();
    ASSERT_EQ(frame.opcode, 9);
    client.send(tests::client_frame(0x8A, frame.payload));
  }
}

TEST(WsTime, EndsASilentClientWith4408) {
  auto limits = quick_limits();
  limits.ping_interval = 50ms;
  limits.pong_timeout = 200ms;
  StreamServer server{limits};
  auto client = connect(server);
  EXPECT_EQ(client.read_answer_frame().close_code(), 4408);
  EXPECT_TRUE(client.ended());
  expect_clean(server);
}

TEST(WsTime, ResetsAClientThatDoesNotReadAtAll) {
  auto limits = quick_limits();
  limits.ping_interval = 100ms;
  limits.stall_timeout = 300ms;
  StreamServer server{limits};
  auto client = connect(server, 4'096);
  const auto watch = server.watch();
  FrameBatch frames;
  for (int i = 0; i < 16; ++i) frames.push_back(make_frame(static_cast<domain::Seq>(i), std::string(60'000, 'x')));
  ASSERT_TRUE(watch->deliver(frames));
  expect_clean(server);
  EXPECT_FALSE(client.read_to_end().second);
}

TEST(WsTime, KeepsASlowReaderThatMakesProgress) {
  auto limits = quick_limits();
  limits.ping_interval = 100ms;
  limits.stall_timeout = 1'500ms;
  StreamServer server{limits};
  auto client = connect(server, 4'096);
  const auto watch = server.watch();
  FrameBatch frames;
  const std::string big(100'000, 'x');
  for (int i = 0; i < 16; ++i) frames.push_back(make_frame(static_cast<domain::Seq>(i), big));
  ASSERT_TRUE(watch->deliver(frames));
  for (int i = 0; i < 16; ++i) {
    ASSERT_EQ(client.read_answer_frame().payload, big);
    std::this_thread::sleep_for(150ms);
  }
  EXPECT_EQ(server.metrics.websockets.value(), 1);
}

TEST(WsTime, WarnsBeforeTheTokenEndsThenClosesWith4401) {
  auto limits = quick_limits();
  limits.ping_interval = 50ms;  // the wall clock is looked at with every ping
  limits.expiry_warning = 60s;
  StreamServer server{limits, 5min};
  auto client = connect(server);
  ASSERT_NE(server.watch(), nullptr);
  EXPECT_TRUE(server.watch()->deliver(batch(1, 1)));
  EXPECT_EQ(client.read_answer_frame().payload, body(1));
  server.clock.advance(4min + 30s);
  const auto warning = client.read_answer_frame();
  EXPECT_EQ(warning.opcode, 1);
  EXPECT_TRUE(warning.payload.starts_with(R"({"type":"token-expiring","payload":{"expiresAt":")")) << warning.payload;
  EXPECT_TRUE(server.watch()->deliver(batch(2, 2)));
  EXPECT_EQ(client.read_answer_frame().payload, body(2));
  server.clock.advance(30s);
  EXPECT_EQ(client.read_answer_frame().close_code(), 4401);
  expect_clean(server);
}

TEST(WsTime, ClosesWith4401AtOnceWhenTheTokenHasEndedAlready) {
  StreamServer server{quick_limits(), 0ms};
  auto client = connect(server);
  EXPECT_EQ(client.read_answer_frame().close_code(), 4401);
}

TEST(WsDrain, SpreadsClosesAndSaysWhenToRetry) {
  StreamServer server;
  std::vector<WsClient> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(connect(server));
  const auto start = std::chrono::steady_clock::now();
  std::thread drain{[&] { server->drain(1s); }};
  for (auto& client : clients) {
    const auto close = client.read_answer_frame();
    EXPECT_EQ(close.close_code(), 1001);
    EXPECT_TRUE(close.reason().starts_with("retry-after=")) << close.reason();
    client.send(tests::client_close(1001));
  }
  const auto took = std::chrono::steady_clock::now() - start;
  drain.join();
  EXPECT_GT(took, 500ms);
  EXPECT_TRUE(server.is_clean());
}

TEST(WsDrain, StopClosesWhatIsLeft) {
  StreamServer server;
  auto client = connect(server);
  ASSERT_NE(server.watch(), nullptr);
  server->stop();
  EXPECT_TRUE(server.is_clean());
  server.watch()->deliver(batch(1, 1));  // too late, and harmless
  EXPECT_TRUE(server.is_clean());
}

}  // namespace
}  // namespace danwa::beast
