#include "adapters/updates/event_stream.hpp"

#include <gtest/gtest.h>

#include "support/frames.hpp"

namespace danwa::adapters::sse {
namespace {

domain::ChannelKey channel(std::string key) {
  return {*domain::CompanyId::parse("demo"), domain::ChannelKind::conversation, std::move(key)};
}

delivery::FramePtr update(domain::Seq seq, std::string_view json) {
  return tests::raw_frame(channel("room"), seq, json);
}

std::string block(const delivery::Frame& frame, const domain::Epoch& epoch, Framing framing) {
  EventIds ids{epoch};
  const auto wrapping = wrap(frame, ids, framing);
  return wrapping.before + std::string{frame.json()} + std::string{wrapping.after};
}

TEST(EventWriter, GivesAnUpdateItsCursorAsId) {
  EXPECT_EQ(block(*update(7, "{}"), "e1", Framing::until_close), "id: e1:7\ndata: {}\n\n");
}

TEST(EventWriter, WrapsAnEventInAChunkOfItsSize) {
  EXPECT_EQ(block(*update(7, "{\"a\":1}"), "e1", Framing::chunked), "18\r\nid: e1:7\ndata: {\"a\":1}\n\n\r\n");
}

TEST(EventWriter, GivesWatchingItsPositionAsId) {
  const auto frame = tests::encode_watching(channel("room"), {"abc", 12}, "node-1");
  const auto text = block(*frame, "abc", Framing::until_close);
  EXPECT_EQ(text.substr(0, 12), "id: abc:12\nd");
}

TEST(EventWriter, LeavesTheLastIdAsItWasForResetAndMissed) {
  for (const auto& frame :
       {tests::encode_reset(channel("room"), {"abc", 12}), tests::encode_missed(channel("room"), 1, 3)}) {
    EXPECT_EQ(block(*frame, "abc", Framing::until_close).substr(0, 6), "data: ");
  }
}

TEST(EventWriter, FindsTheEpochInCursorFramesAlone) {
  EventIds ids;
  const auto id_of = [&ids](const delivery::FramePtr& frame) {
    std::string line;
    ids.append_line(line, *frame);
    return line;
  };
  EXPECT_EQ(id_of(update(1, R"({"x":1,"cursor":"no:1"})")), "");
  EXPECT_EQ(id_of(tests::encode_missed(channel("room"), 1, 2)), "");
  EXPECT_EQ(id_of(tests::encode_watching(channel("room"), {"abc", 12}, "n")), "id: abc:12\n");
  EXPECT_EQ(id_of(tests::encode_reset(channel("room"), {"def", 0})), "");
  EXPECT_EQ(id_of(update(1, "{}")), "id: def:1\n");
}

TEST(EventWriter, IsNotFooledByAConversationKeyThatLooksLikeACursor) {
  const auto frame = tests::encode_watching(channel(R"(a","cursor":"evil:9)"), {"abc", 12}, "n");
  EXPECT_EQ(block(*frame, {}, Framing::until_close).substr(0, 11), "id: abc:12\n");
}

TEST(EventWriter, WritesLinesThatMakeNoBlockOfTheirOwn) {
  std::string out;
  append_lines(out, retry_line(std::chrono::milliseconds{2'000}) + comment_line("hi"), Framing::until_close);
  append_event(out, "{}", Framing::until_close);
  append_end(out, Framing::until_close);
  EXPECT_EQ(out, "retry: 2000\n: hi\ndata: {}\n\n");
  out.clear();
  append_lines(out, comment_line(""), Framing::chunked);
  append_end(out, Framing::chunked);
  EXPECT_EQ(out, "3\r\n: \n\r\n0\r\n\r\n");
}

TEST(EventWriter, BeginsABlockWithLinesThatItIsGiven) {
  EventIds ids{"e1"};
  const auto frame = update(7, "{}");
  const auto wrapping = wrap(*frame, ids, Framing::chunked, retry_line(std::chrono::milliseconds{5}));
  EXPECT_EQ(wrapping.before + "{}" + std::string{wrapping.after}, "1c\r\nretry: 5\nid: e1:7\ndata: {}\n\n\r\n");
}

TEST(EventWriter, SaysWhatTheAnswerIs) {
  const auto head = response_head(Framing::chunked, domain::Timestamp{});
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(head.find("Content-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(head.find("Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"), std::string::npos);
  EXPECT_NE(head.find("Cache-Control: no-store\r\n"), std::string::npos);
  EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(response_head(Framing::until_close, domain::Timestamp{}).find("Transfer-Encoding"), std::string::npos);
}

}  // namespace
}  // namespace danwa::adapters::sse
