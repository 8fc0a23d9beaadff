#include "adapters/protocol/websocket/frame_parser.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cctype>

#include "adapters/protocol/websocket/frame_cases.hpp"
#include "support/websocket_frames.hpp"

namespace danwa::adapters::websocket {
namespace {

using tests::FrameCase;
using tests::Transcript;
using namespace std::string_literals;

constexpr FrameParser::Limits kLimits{.max_message = 64 * 1024, .binary = true};

std::string read_whole(std::string_view bytes) {
  Transcript transcript{kLimits};
  transcript.feed(bytes);
  return transcript.text();
}

std::string read_split(std::string_view bytes, std::size_t at) {
  Transcript transcript{kLimits};
  transcript.feed(bytes.substr(0, at));
  transcript.feed(bytes.substr(at));
  return transcript.text();
}

std::string read_in_pieces(std::string_view bytes, std::size_t size) {
  Transcript transcript{kLimits};
  for (std::size_t at = 0; at < bytes.size(); at += size) transcript.feed(bytes.substr(at, size));
  return transcript.text();
}

std::vector<FrameCase> all_cases() {
  std::vector<FrameCase> all;
  for (const auto& part : {tests::data_cases(), tests::control_cases(), tests::fragment_cases(), tests::utf8_cases(),
                           tests::close_cases()}) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

class FrameParserCase : public testing::TestWithParam<FrameCase> {};

TEST_P(FrameParserCase, IsReadAsDescribed) { EXPECT_EQ(read_whole(GetParam().bytes), GetParam().expected); }

TEST_P(FrameParserCase, IsReadTheSameWhereverItIsCut) {
  const auto& bytes = GetParam().bytes;
  const std::size_t step = std::max<std::size_t>(1, bytes.size() / 400);
  for (std::size_t at = 0; at <= bytes.size(); at += step) {
    ASSERT_EQ(read_split(bytes, at), GetParam().expected) << "cut at " << at;
  }
}

TEST_P(FrameParserCase, IsReadTheSameByteByByte) {
  EXPECT_EQ(read_in_pieces(GetParam().bytes, 1), GetParam().expected);
  EXPECT_EQ(read_in_pieces(GetParam().bytes, 997), GetParam().expected);
}

std::string to_name(const testing::TestParamInfo<FrameCase>& info) {
  std::string name = info.param.name;
  for (char& c : name) c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(AfterAutobahn, FrameParserCase, testing::ValuesIn(all_cases()), to_name);

TEST(FrameParser, HasMoreThan150Cases) { EXPECT_GT(all_cases().size(), 150U); }

rc::Gen<std::string> any_frame() {
  return rc::gen::mapcat(rc::gen::inRange(0, 10), [](int kind) {
    const auto text = rc::gen::container<std::string>(rc::gen::inRange<char>(32, 126));
    return rc::gen::map(text, [kind](const std::string& payload) -> std::string {
      switch (kind) {
        case 0:
          return tests::client_frame(0x01, payload);
        case 1:
          return tests::client_frame(0x00, payload);
        case 2:
          return tests::client_frame(0x80, payload);
        case 3:
          return tests::client_ping(payload);
        case 4:
          return tests::client_frame(0x8A, payload);
        case 5:
          return tests::client_frame(0x82, payload);
        case 6:
          return payload;
        default:
          return tests::client_text(payload + "\xE2\x82\xAC");
      }
    });
  });
}

TEST(FrameParser, ReadsTheSameHoweverTheBytesAreCut) {
  const bool ok = rc::check([] {
    const auto frames = *rc::gen::container<std::vector<std::string>>(any_frame());
    std::string bytes;
    for (const auto& frame : frames) bytes += frame;
    const auto cuts = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 40));
    Transcript pieces{kLimits};
    std::string_view rest = bytes;
    for (const auto cut : cuts) {
      pieces.feed(rest.substr(0, cut));
      rest.remove_prefix(std::min(cut, rest.size()));
    }
    pieces.feed(rest);
    RC_ASSERT(pieces.text() == read_whole(bytes));
  });
  EXPECT_TRUE(ok);
}

TEST(FrameParser, RefusesBinaryAtItsFirstByteUnlessAllowed) {
  Transcript transcript{{.max_message = 100, .binary = false}};
  transcript.feed("\x82");
  EXPECT_EQ(transcript.text(), "refused:1003");
}

TEST(FrameParser, RefusesATooBigMessageBeforeItsPayload) {
  Transcript transcript{{.max_message = 100, .binary = false}};
  const auto frame = tests::client_text(std::string(101, 'x'));
  transcript.feed(frame.substr(0, 5));
  EXPECT_EQ(transcript.text(), "");
  transcript.feed(frame.substr(5, 1));
  EXPECT_EQ(transcript.text(), "refused:1009");
}

TEST(FrameParser, RefusesReservedBitsAtTheFirstByte) {
  Transcript transcript{kLimits};
  transcript.feed("\xC1");
  EXPECT_EQ(transcript.text(), "refused:1002");
}

TEST(FrameParser, UsesUpAllThatComesAfterItsLastEvent) {
  FrameParser parser{kLimits};
  std::string bytes = tests::client_close(1000) + std::string(50, 'x');
  std::span<char> rest{bytes};
  EXPECT_EQ(parser.next(rest).kind, Event::Kind::close);
  EXPECT_EQ(parser.next(rest).kind, Event::Kind::more);
  EXPECT_TRUE(rest.empty());
}

TEST(FrameParser, GivesPayloadsInsideTheCallersBytes) {
  FrameParser parser{kLimits};
  std::string bytes = tests::client_ping("here");
  std::span<char> rest{bytes};
  const auto event = parser.next(rest);
  EXPECT_EQ(event.payload.data(), bytes.data() + 6);
}

TEST(FrameParser, ReadsAServersFramesAtEveryCut) {
  constexpr FrameParser::Limits kOfServer{.max_message = 70'000, .from = Role::server};
  const std::string bytes = "\x81\x02hi\x89\x01p\x81\x7E\x01\x2C" + std::string(300, 'm') + "\x81\x7F" +
                            std::string(5, '\0') + "\x01\x11\x70" + std::string(70'000, 'l') + "\x88\x05\x03\xE9" +
                            "bye";
  const auto whole =
      "text:hi ping:p text:" + std::string(300, 'm') + " text:" + std::string(70'000, 'l') + " close:1001bye";
  for (std::size_t cut = 0; cut < 340; ++cut) {
    Transcript transcript{kOfServer};
    transcript.feed(std::string_view{bytes}.substr(0, cut));
    transcript.feed(std::string_view{bytes}.substr(cut));
    ASSERT_EQ(transcript.text(), whole) << cut;
  }
}

TEST(FrameParser, RefusesAMaskFromAServer) {
  Transcript transcript{{.from = Role::server}};
  transcript.feed(tests::client_text("hi"));
  EXPECT_EQ(transcript.text(), "refused:1002");
}

TEST(FrameParser, IsSmall) { EXPECT_LE(sizeof(FrameParser), 96U); }

}  // namespace
}  // namespace danwa::adapters::websocket
