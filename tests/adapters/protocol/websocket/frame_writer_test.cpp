#include "adapters/protocol/websocket/frame_writer.hpp"

#include <gtest/gtest.h>

#include "adapters/protocol/websocket/frame_parser.hpp"

namespace danwa::adapters::websocket {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

std::string frame(Opcode opcode, std::string_view payload) {
  std::string out;
  append_frame(out, opcode, payload);
  return out;
}

TEST(FrameWriter, WritesTheThreeFormsOfLength) {
  EXPECT_EQ(frame(Opcode::text, "hi"), "\x81\x02hi"s);
  EXPECT_EQ(frame(Opcode::text, std::string(125, 'a')).substr(0, 3), "\x81\x7D"s + "a");
  EXPECT_EQ(frame(Opcode::binary, std::string(126, 'a')).substr(0, 5), "\x82\x7E\x00\x7E"s + "a");
  EXPECT_EQ(frame(Opcode::text, std::string(65'535, 'a')).substr(0, 5), "\x81\x7E\xFF\xFF"s + "a");
  EXPECT_EQ(frame(Opcode::text, std::string(65'536, 'a')).substr(0, 11),
            "\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s + "a");
}

TEST(FrameWriter, WritesPingAndPong) {
  EXPECT_EQ(frame(Opcode::ping, ""), "\x89\x00"s);
  EXPECT_EQ(frame(Opcode::pong, "abc"), "\x8A\x03"s + "abc");
}

TEST(FrameWriter, WritesCloseWithCodeAndReason) {
  std::string out;
  append_close(out, CloseCode::going_away, "retry-after=5");
  EXPECT_EQ(out, "\x88\x0F\x03\xE9retry-after=5"s);
}

TEST(FrameWriter, CutsAReasonBetweenCodePoints) {
  std::string reason(122, 'a');
  reason += "\xE2\x82\xAC";
  std::string out;
  append_close(out, CloseCode::normal, reason);
  EXPECT_EQ(out.size(), 2U + 2U + 122U);
}

TEST(FrameWriter, AnswersACloseWithItsCode) {
  std::string out;
  append_close_answer(out, 1005);
  EXPECT_EQ(out, "\x88\x00"s);
  out.clear();
  append_close_answer(out, 4321);
  EXPECT_EQ(out, "\x88\x02\x10\xE1"s);
}

TEST(CloseCode, SaysWhichMayBeRetried) {
  EXPECT_TRUE(may_retry(CloseCode::going_away));
  EXPECT_TRUE(may_retry(CloseCode::ping_timeout));
  EXPECT_FALSE(may_retry(CloseCode::protocol_error));
  EXPECT_FALSE(may_retry(CloseCode::forbidden));
}

TEST(Utf8Stream, IsCompleteOnlyBetweenCodePoints) {
  Utf8Stream stream;
  EXPECT_TRUE(stream.feed("abcdefghijk\xE2\x82"));
  EXPECT_FALSE(stream.complete());
  EXPECT_TRUE(stream.feed("\xAC"));
  EXPECT_TRUE(stream.complete());
}

TEST(Utf8Stream, FindsAWrongByteBehindALongRunOfAscii) {
  for (std::size_t size = 0; size < 40; ++size) {
    Utf8Stream stream;
    EXPECT_FALSE(stream.feed(std::string(size, 'a') + "\xFF" + std::string(size, 'a'))) << size;
  }
}

TEST(Allowance, LetsABurstThroughThenRefills) {
  Allowance allowance;
  auto now = std::chrono::steady_clock::time_point{} + 1h;
  for (std::uint32_t i = 0; i < Allowance::kBurst; ++i) ASSERT_TRUE(allowance.take(now));
  EXPECT_FALSE(allowance.take(now));
  now += 1s;
  for (std::uint32_t i = 0; i < Allowance::kPerSecond; ++i) ASSERT_TRUE(allowance.take(now));
  EXPECT_FALSE(allowance.take(now));
}

TEST(Allowance, NeverHoldsMoreThanABurst) {
  Allowance allowance;
  auto now = std::chrono::steady_clock::time_point{} + 1h;
  ASSERT_TRUE(allowance.take(now));
  now += 24h;
  for (std::uint32_t i = 0; i < Allowance::kBurst; ++i) ASSERT_TRUE(allowance.take(now));
  EXPECT_FALSE(allowance.take(now));
}

}  // namespace
}  // namespace danwa::adapters::websocket
