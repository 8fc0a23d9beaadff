#include <gtest/gtest.h>

#include "infra/beast/stream_frames.hpp"
#include "infra/beast/ws_fixture.hpp"
#include "support/frames.hpp"
#include "support/wait_for.hpp"

namespace danwa::beast {
namespace {

using namespace std::chrono_literals;
using delivery::FrameBatch;

TEST(ShutOut, ClosesAWebSocketWith4403) {
  StreamServer server;
  WsClient client{server.port(), upgrade()};
  ASSERT_TRUE(client.read_until("\r\n\r\n"));
  server.watch()->end(delivery::WatchCloseReason::forbidden);
  const auto frame = client.read_answer_frame();
  EXPECT_EQ(frame.close_code(), 4403);
  EXPECT_EQ(frame.reason(), "not-a-member");
}

TEST(ShutOut, EndsAnEventStreamWithAComment) {
  StreamServer server;
  WsClient client{server.port(), get("/sse", "Accept: text/event-stream\r\n")};
  server.watch()->end(delivery::WatchCloseReason::forbidden);
  const auto [text, ended] = client.read_to_end();
  EXPECT_TRUE(ended);
  // A comment line without a blank line behind it, or clients would see an event without data.
  EXPECT_NE(text.find(": closed 4403 not-a-member\n\r\n"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("0\r\n\r\n")) << text;
}

TEST(ShutOut, TakesNoMoreThanASecondWhereTheClientDoesNotRead) {
  auto limits = quick_limits();
  limits.close_timeout = 30s;
  StreamServer server{limits};
  WsClient client{server.port(), upgrade(), 4'096};
  const auto watch = server.watch();
  ASSERT_NE(watch, nullptr);
  FrameBatch frames;
  for (int i = 0; i < 16; ++i) frames.push_back(make_frame(static_cast<domain::Seq>(i), std::string(60'000, 'x')));
  watch->deliver(frames);
  const auto before = std::chrono::steady_clock::now();
  watch->end(delivery::WatchCloseReason::forbidden);
  expect_clean(server);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s);
}

domain::ChannelKey inbox(const char* key) {
  return domain::ChannelKey::inbox(domain::CompanyId::trusted("demo"), domain::UserId::trusted(key));
}

delivery::FramePtr large(const char* key, domain::Seq seq) {
  const auto name = std::string{key} + std::to_string(seq);
  return tests::raw_frame(inbox(key), seq, '"' + name + ' ' + std::string(60'000, 'x') + '"');
}

TEST(MergedEventStream, GivesEachEventTheCursorAfterItHoweverItsWritesAreCut) {
  StreamServer server;
  WsClient client{server.port(), "GET /sse HTTP/1.0\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n", 4'096};
  const auto watch = server.watch();
  ASSERT_NE(watch, nullptr);
  delivery::MergedPosition position{{"user:a", "user:b"}, {}};
  position.cursor.epoch = "e";
  position.cursor.seqs = {{"user:a", 0}, {"user:b", 0}};
  FrameBatch frames{tests::encode_watching(inbox("a"), position, "n")};
  for (domain::Seq seq = 1; seq <= 7; ++seq) {
    frames.push_back(large("a", seq));
    frames.push_back(large("b", seq));
  }
  watch->deliver(frames);
  ASSERT_TRUE(client.read_until("id: e:user:a=0,user:b=0\n"));
  for (domain::Seq seq = 1; seq <= 7; ++seq) {
    const auto n = std::to_string(seq), before = std::to_string(seq - 1);
    EXPECT_TRUE(client.read_until("id: e:user:a=" + n + ",user:b=" + before + "\ndata: \"a" + n + ' ')) << seq;
    EXPECT_TRUE(client.read_until("id: e:user:a=" + n + ",user:b=" + n + "\ndata: \"b" + n + ' ')) << seq;
  }
}

}  // namespace
}  // namespace danwa::beast
