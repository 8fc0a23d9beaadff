#include "adapters/protocol/http2/frame_guard.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "support/http2_frames.hpp"

namespace danwa::adapters::http2 {
namespace {

using namespace std::chrono_literals;
using tests::GuardRecord;
using tests::http2_frame;
using tests::http2_number;
using Type = FrameType;

const std::string kStart = std::string{kPreface} + http2_frame(Type::settings, 0, 0);

std::string call(std::uint32_t stream, std::uint8_t flags = kEndHeaders) {
  return http2_frame(Type::headers, flags, stream, "\x82\x84");
}
std::string answered(std::uint32_t stream) {
  return http2_frame(Type::headers, kEndHeaders, stream, "\x88") + http2_frame(Type::data, 0, stream, "message") +
         http2_frame(Type::headers, kEndHeaders | kEndStream, stream, "\x88");
}

class FrameGuardTest : public testing::Test {
 protected:
  void begin() { record.client(kStart); }
  /// Sends `frame` until it is refused; how many were accepted.
  int accepted_of(const std::function<std::string(int)>& frame, int most) {
    for (int count = 0; count < most; ++count) {
      record.client(frame(count));
      if (record.guard.refusal()) return count;
    }
    return most;
  }
  ErrorCode code() const { return record.guard.refusal() ? record.guard.refusal()->code : ErrorCode::no_error; }

  GuardLimits limits;
  GuardRecord record{limits};
};

TEST_F(FrameGuardTest, AcceptedBytesAreForwardedUnchanged) {
  const auto bytes = kStart + call(1) + http2_frame(Type::data, kEndStream, 1, std::string(9'000, 'x')) +
                     http2_frame(Type::ping, 0, 0, "12345678");
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
    GuardRecord pieces{limits};
    pieces.client_in_steps(bytes, step);
    EXPECT_EQ(pieces.forwarded, bytes);
    EXPECT_EQ(pieces.refusal(), "none");
  }
}

TEST_F(FrameGuardTest, NothingIsForwardedBeforeThePrefaceIsWhole) {
  record.client(kPreface.substr(0, 23));
  EXPECT_EQ(record.forwarded, "");
  EXPECT_FALSE(record.guard.has_preface());
  record.client(kPreface.substr(23));
  EXPECT_EQ(record.forwarded, kPreface);
}

TEST_F(FrameGuardTest, AHeaderBlockIsHeldBackUntilItIsWhole) {
  begin();
  const auto first = http2_frame(Type::headers, 0, 1, std::string(1'000, '\x80'));
  const auto last = http2_frame(Type::continuation, kEndHeaders, 1, "\x82");
  record.client(http2_frame(Type::ping, 0, 0, "12345678") + first);
  record.client(last.substr(0, last.size() - 1));
  EXPECT_EQ(record.forwarded, kStart + http2_frame(Type::ping, 0, 0, "12345678"));
  record.client(last.substr(last.size() - 1));
  EXPECT_EQ(record.forwarded, kStart + http2_frame(Type::ping, 0, 0, "12345678") + first + last);
}

TEST_F(FrameGuardTest, AHeaderBlockHasABound) {
  const std::string most(16'384, '\x80');
  begin();
  record.client(http2_frame(Type::headers, kEndHeaders, 1, most));
  EXPECT_EQ(record.refusal(), "none");

  GuardRecord longer{limits};
  longer.client(kStart + http2_frame(Type::headers, 0, 1, most) + http2_frame(Type::continuation, 0, 1, "\x80"));
  EXPECT_EQ(longer.refusal(), "the headers of a call are too large");
  EXPECT_EQ(longer.forwarded, kStart);
  EXPECT_EQ(longer.guard.refusal()->code, ErrorCode::enhance_your_calm);
}

TEST_F(FrameGuardTest, ALiteralThatIsAnnouncedAsHugeEndsAtTheSameBound) {
  begin();
  record.client(http2_frame(Type::headers, 0, 1, "\x40\x01x\x7f\x80\x84\xaf\x5f"));
  const auto piece = http2_frame(Type::continuation, 0, 1, std::string(4'000, 'x'));
  EXPECT_EQ(accepted_of([&](int) { return piece; }, 100), 4);
  EXPECT_EQ(record.forwarded, kStart);
}

TEST_F(FrameGuardTest, EmptyContinuationFramesHaveABound) {
  begin();
  record.client(call(1, 0));
  EXPECT_EQ(accepted_of([](int) { return http2_frame(Type::continuation, 0, 1); }, 100), 16);
  EXPECT_EQ(record.refusal(), "too many CONTINUATION frames");
}

TEST_F(FrameGuardTest, AHeaderBlockHasADeadline) {
  begin();
  record.client(call(1, 0));
  ASSERT_EQ(record.guard.header_deadline(), record.now + 10s);
  record.now += 3s;
  record.client(http2_frame(Type::continuation, 0, 1, "\x82"));
  EXPECT_EQ(record.guard.header_deadline(), record.now + 7s);
  record.client(http2_frame(Type::continuation, kEndHeaders, 1, "\x82"));
  EXPECT_EQ(record.guard.header_deadline(), std::nullopt);
  record.client(call(3, 0));
  record.guard.refuse_late_headers();
  EXPECT_EQ(record.refusal(), "the headers of a call take too long");
}

TEST_F(FrameGuardTest, EveryBreachOfTheFramingHasItsReason) {
  struct Case {
    std::string bytes;
    ErrorCode code;
    std::string reason;
  };
  const std::vector<Case> cases{
      {"GET / HTTP/1.1\r\n\r\n", ErrorCode::protocol_error, "this port speaks HTTP/2 from its first byte"},
      {std::string{kPreface} + http2_frame(Type::ping, 0, 0, "12345678"), ErrorCode::protocol_error,
       "the first frame is not SETTINGS"},
      {kStart + http2_frame(Type::continuation, kEndHeaders, 1), ErrorCode::protocol_error,
       "a CONTINUATION frame continues nothing"},
      {kStart + call(1) + http2_frame(Type::continuation, kEndHeaders, 1), ErrorCode::protocol_error,
       "a CONTINUATION frame continues nothing"},
      {kStart + call(1, 0) + http2_frame(Type::ping, 0, 0, "12345678"), ErrorCode::protocol_error,
       "a header block is interrupted"},
      {kStart + call(1, 0) + http2_frame(Type::continuation, kEndHeaders, 3), ErrorCode::protocol_error,
       "a header block is interrupted"},
      {kStart + call(1, 0) + call(1), ErrorCode::protocol_error, "a header block is interrupted"},
      {kStart + call(2), ErrorCode::protocol_error, "a stream of a client has an odd number"},
      {kStart + call(0), ErrorCode::protocol_error, "a stream of a client has an odd number"},
      {kStart + http2_frame(Type::push_promise, kEndHeaders, 1, "1234"), ErrorCode::protocol_error,
       "a client must not push"},
      {kStart + call(1) + http2_frame(Type::data, 0, 1, std::string(16'385, 'x')), ErrorCode::frame_size_error,
       "a frame is larger than SETTINGS allow"},
      {kStart + call(1) + http2_frame(Type::data, kPadded, 1), ErrorCode::frame_size_error,
       "a frame is too short for its padding"},
      {kStart + call(1) + http2_frame(Type::data, kPadded, 1, "\x05xxxx"), ErrorCode::protocol_error,
       "the padding is longer than its frame"},
  };
  for (const auto& wanted : cases) {
    GuardRecord one{limits};
    one.client_in_steps(wanted.bytes, 1);
    EXPECT_EQ(one.refusal(), wanted.reason);
    ASSERT_TRUE(one.guard.refusal());
    EXPECT_EQ(one.guard.refusal()->code, wanted.code) << wanted.reason;
    one.client(call(5));
    EXPECT_LT(one.forwarded.size(), wanted.bytes.size()) << "nothing follows a refusal";
  }
}

TEST_F(FrameGuardTest, EveryKindOfFrameThatIsNotPaidForHasARate) {
  struct Case {
    std::function<std::string(int)> frame;
    FrameRate rate;
    std::string reason;
  };
  const auto fixed = [](std::string bytes) { return [bytes](int) { return bytes; }; };
  const std::vector<Case> cases{
      {[](int i) {
         const auto stream = static_cast<std::uint32_t>(2 * i + 3);
         return call(stream) + http2_frame(Type::rst_stream, 0, stream, http2_number(8, 4));
       },
       limits.resets, "too many streams are reset"},
      {fixed(http2_frame(Type::rst_stream, 0, 1, http2_number(8, 4))), limits.resets, "too many streams are reset"},
      {fixed(http2_frame(Type::settings, 0, 0)),
       {limits.settings.burst - 1, limits.settings.per_second},
       "too many SETTINGS frames"},
      {fixed(http2_frame(Type::settings, kAck, 0)),
       {limits.settings.burst - 1, limits.settings.per_second},
       "too many SETTINGS frames"},
      {fixed(http2_frame(Type::ping, 0, 0, "12345678")), limits.pings, "too many PING frames"},
      {fixed(http2_frame(Type::ping, kAck, 0, "12345678")), limits.pings, "too many PING frames"},
      {fixed(http2_frame(Type::window_update, 0, 0, http2_number(1, 4))), limits.window_updates,
       "too many WINDOW_UPDATE frames"},
      {fixed(http2_frame(Type::data, 0, 1)), limits.empty_data, "too many empty DATA frames"},
      {fixed(http2_frame(Type::data, kPadded, 1, "\x03xxx")), limits.empty_data, "too many empty DATA frames"},
      {fixed(http2_frame(Type::data, 0, 99, "x")), limits.stray_frames, "too many frames for streams that are over"},
      {fixed(call(1)), limits.stray_frames, "too many frames for streams that are over"},
      {fixed(http2_frame(Type::priority, 0, 1, "12345")), limits.other_frames, "too many frames without use"},
      {fixed(http2_frame(Type::goaway, 0, 0, "12345678")), limits.other_frames, "too many frames without use"},
      {fixed(http2_frame(static_cast<Type>(0xBA), 0, 0)), limits.other_frames, "too many frames without use"},
  };
  for (const auto& wanted : cases) {
    record = GuardRecord{limits};
    record.client(kStart + call(1));
    EXPECT_EQ(accepted_of(wanted.frame, 10'000), static_cast<int>(wanted.rate.burst)) << wanted.reason;
    EXPECT_EQ(record.refusal(), wanted.reason);
    EXPECT_EQ(code(), ErrorCode::enhance_your_calm);

    record = GuardRecord{limits};
    record.client(kStart + call(1));
    for (int second = 0; second < 60; ++second) {
      record.now += 1s;
      const auto in_time = static_cast<int>(wanted.rate.per_second);
      EXPECT_EQ(accepted_of([&](int i) { return wanted.frame(second * in_time + i); }, in_time), in_time);
    }
    EXPECT_EQ(record.refusal(), "none") << wanted.reason;
  }
}

TEST_F(FrameGuardTest, ResetsThatTheServerIsMadeToSendCountToo) {
  begin();
  for (std::uint32_t stream = 1; stream < 5'000 && !record.guard.refusal(); stream += 2) {
    record.client(call(stream));
    record.server(http2_frame(Type::rst_stream, 0, stream, http2_number(1, 4)));
  }
  EXPECT_EQ(record.refusal(), "too many streams are reset");
}

TEST_F(FrameGuardTest, CallsThatAreAnsweredAreNeverTooMany) {
  begin();
  for (std::uint32_t stream = 1; stream < 100'000; stream += 2) {
    record.client(call(stream) + http2_frame(Type::data, kEndStream, stream, "message") +
                  http2_frame(Type::window_update, 0, stream, "1234") + http2_frame(Type::ping, 0, 0, "12345678"));
    record.server(answered(stream) + http2_frame(Type::rst_stream, 0, stream, http2_number(0, 4)));
    ASSERT_EQ(record.refusal(), "none") << stream;
  }
  EXPECT_EQ(record.guard.open_streams(), 0U);
}

TEST_F(FrameGuardTest, ABusyStreamPaysForItsProbesAndWindows) {
  record.client(kStart + call(1));
  const auto many = http2_frame(Type::data, 0, 1, std::string(16'000, 'm'));
  for (int i = 0; i < 5'000; ++i) {
    record.server(many);
    record.client(http2_frame(Type::ping, 0, 0, "12345678"));
    for (int message = 0; message < 80; ++message) record.client(http2_frame(Type::window_update, 0, 1, "1234"));
    record.server(http2_frame(Type::settings, 0, 0, "12345612345"));
    record.client(http2_frame(Type::settings, kAck, 0));
    ASSERT_EQ(record.refusal(), "none") << i;
  }
}

TEST_F(FrameGuardTest, OpenStreamsHaveABound) {
  begin();
  const auto open = [](int i) { return call(static_cast<std::uint32_t>(2 * i + 1)); };
  EXPECT_EQ(accepted_of(open, 1'000), 200);
  EXPECT_EQ(record.refusal(), "too many streams are open");
}

TEST_F(FrameGuardTest, ACallIsOverWhenEitherSideSaysSo) {
  record.client(kStart + call(1) + call(3) + call(5) + call(7));
  EXPECT_EQ(record.guard.open_streams(), 4U);
  record.client(http2_frame(Type::data, kEndStream, 1, "x"));
  EXPECT_EQ(record.guard.open_streams(), 4U) << "the client's half alone";
  record.server(answered(1));
  record.client(http2_frame(Type::rst_stream, 0, 3, http2_number(8, 4)));
  record.server(http2_frame(Type::rst_stream, 0, 5, http2_number(8, 4)));
  record.server(http2_frame(Type::data, kEndStream, 7, "x"));
  EXPECT_EQ(record.guard.open_streams(), 0U);
  EXPECT_EQ(record.guard.last_stream(), 7U);
}

TEST_F(FrameGuardTest, TheServersSettingsAllowLargerFrames) {
  record.client(kStart + call(1));
  record.server(
      http2_frame(Type::settings, 0, 0,
                  http2_number(4, 2) + http2_number(1'000'000, 4) + http2_number(5, 2) + http2_number(65'536, 4)));
  record.client(http2_frame(Type::data, 0, 1, std::string(65'536, 'x')));
  EXPECT_EQ(record.refusal(), "none");
  record.client(http2_frame(Type::data, 0, 1, std::string(65'537, 'x')));
  EXPECT_EQ(code(), ErrorCode::frame_size_error);
}

TEST_F(FrameGuardTest, ItKnowsWhereAFrameMayBePutIn) {
  begin();
  const auto bytes = http2_frame(Type::headers, 0, 1, "\x88") + http2_frame(Type::continuation, kEndHeaders, 1, "\x88");
  EXPECT_TRUE(record.guard.server_between_frames());
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    record.server(bytes.substr(i, 1));
    EXPECT_FALSE(record.guard.server_between_frames()) << i;
  }
  record.server(bytes.substr(bytes.size() - 1));
  EXPECT_TRUE(record.guard.server_between_frames());
  EXPECT_FALSE(record.guard.server_leaves());
  record.server(goaway_frame(kMaxStream, ErrorCode::no_error, "bye"));
  EXPECT_TRUE(record.guard.server_leaves());
  EXPECT_TRUE(record.guard.server_between_frames());
}

/// Any order of frames, some of them broken.
rc::Gen<std::string> client_bytes() {
  const auto frame = rc::gen::apply(
      [](std::uint8_t type, std::uint8_t flags, std::uint32_t stream, const std::string& payload) {
        return http2_frame(static_cast<Type>(type), flags, stream, payload);
      },
      rc::gen::inRange<std::uint8_t>(0, 11), rc::gen::element<std::uint8_t>(0, 1, 4, 5, 8, 12),
      rc::gen::inRange<std::uint32_t>(0, 8), rc::gen::resize(40, rc::gen::string<std::string>()));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(frame), [](const std::vector<std::string>& frames) {
    auto bytes = kStart;
    for (const auto& one : frames) bytes += one;
    return bytes;
  });
}

RC_GTEST_PROP(FrameGuardProperties, TheResultDoesNotDependOnHowBytesAreCut, ()) {
  const auto bytes = *client_bytes();
  const auto step = *rc::gen::inRange<std::size_t>(1, 40);
  GuardLimits limits;
  limits.resets = limits.other_frames = limits.pings = {3, 1};
  GuardRecord whole{limits};
  GuardRecord pieces{limits};
  whole.client(bytes);
  pieces.client_in_steps(bytes, step);
  RC_ASSERT(whole.forwarded == pieces.forwarded);
  RC_ASSERT(whole.refusal() == pieces.refusal());
  RC_ASSERT(whole.guard.open_streams() == pieces.guard.open_streams());
  RC_ASSERT(bytes.starts_with(whole.forwarded));
}

}  // namespace
}  // namespace danwa::adapters::http2
