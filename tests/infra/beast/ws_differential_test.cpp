// The frame parser against Boost.Beast's websocket stream: the same bytes give the same events, or both
// refuse. Two differences are ours and meant: 1014 is a close code (its IANA registry), 5000 and above are not.
#include <gtest/gtest.h>

#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <random>
#include <string>

#include "support/websocket_frames.hpp"

namespace danwa::beast {
namespace {

namespace beast = boost::beast;
namespace ws = beast::websocket;
using adapters::websocket::FrameParser;

constexpr std::size_t kMaxMessage = 1'000;

struct Verdict {
  std::vector<std::string> events;
  enum { waits, closed, refused } end = waits;
};

Verdict of_ours(const std::string& bytes) {
  tests::Transcript transcript{FrameParser::Limits{.max_message = kMaxMessage, .binary = true}};
  transcript.feed(bytes);
  Verdict verdict{transcript.lines(), Verdict::waits};
  if (verdict.events.empty()) return verdict;
  const auto& last = verdict.events.back();
  if (last.starts_with("close:")) verdict.end = Verdict::closed;
  if (!last.starts_with("refused:")) return verdict;
  verdict.end = Verdict::refused;
  verdict.events.pop_back();
  return verdict;
}

/// A Beast server that has accepted a handshake over a stream in memory.
class BeastServer {
 public:
  BeastServer() : client_{io_}, stream_{io_} {
    stream_.next_layer().connect(client_);
    client_.write_some(boost::asio::buffer(
        std::string_view{"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"}));
    stream_.read_message_max(kMaxMessage);
    stream_.accept();
  }

  Verdict read(const std::string& bytes) {
    client_.write_some(boost::asio::buffer(bytes));
    stream_.next_layer().close_remote();
    Verdict verdict;
    stream_.control_callback([&](ws::frame_type kind, beast::string_view payload) { note(verdict, kind, payload); });
    beast::error_code error;
    while (!error) read_message(verdict, error);
    if (error != boost::asio::error::eof) verdict.end = error == ws::error::closed ? Verdict::closed : Verdict::refused;
    return verdict;
  }

 private:
  void read_message(Verdict& verdict, beast::error_code& error) {
    beast::flat_buffer buffer;
    stream_.read(buffer, error);
    if (error) return;
    const std::string text{static_cast<const char*>(buffer.data().data()), buffer.size()};
    verdict.events.push_back((stream_.got_text() ? "text:" : "binary:") + text);
  }

  void note(Verdict& verdict, ws::frame_type kind, beast::string_view payload) {
    const std::string text{payload};
    if (kind == ws::frame_type::ping) verdict.events.push_back("ping:" + text);
    if (kind == ws::frame_type::pong) verdict.events.push_back("pong:" + text);
    if (kind != ws::frame_type::close) return;
    const auto& reason = stream_.reason();
    const auto code = reason.code == ws::close_code::none ? 1005 : static_cast<int>(reason.code);
    verdict.events.push_back("close:" + std::to_string(code) + std::string{reason.reason.data(), reason.reason.size()});
  }

  boost::asio::io_context io_;
  beast::test::stream client_;
  ws::stream<beast::test::stream, false> stream_;
};

std::string any_payload(std::mt19937& random, std::size_t max) {
  std::string payload(random() % (max + 1), 'a');
  for (char& c : payload) c = static_cast<char>('a' + random() % 26);
  if (random() % 8 == 0) payload += "\xE2\x82\xAC";
  if (random() % 16 == 0) payload += static_cast<char>(random() % 256);
  return payload;
}

std::string any_frame(std::mt19937& random) {
  static constexpr std::array kFirst{0x81, 0x81, 0x01, 0x00, 0x00, 0x80, 0x80, 0x82, 0x02, 0x89, 0x89, 0x8A};
  if (random() % 12 == 0) {
    static constexpr std::array kCodes{1000, 1001, 1004, 1005, 1011, 1013, 3000, 4999, 2999, 999};
    return tests::client_close(static_cast<std::uint16_t>(kCodes[random() % kCodes.size()]), any_payload(random, 20));
  }
  if (random() % 30 == 0) return tests::client_frame(static_cast<int>(random() % 256), any_payload(random, 10));
  return tests::client_frame(kFirst[random() % kFirst.size()], any_payload(random, random() % 10 == 0 ? 400 : 20));
}

std::string any_bytes(std::mt19937& random) {
  std::string bytes;
  for (std::size_t i = random() % 6; i-- > 0;) bytes += any_frame(random);
  if (!bytes.empty() && random() % 6 == 0) {
    auto& changed = bytes[random() % bytes.size()];
    changed = static_cast<char>(changed ^ (1 << random() % 8));
  }
  if (!bytes.empty() && random() % 10 == 0) bytes.resize(random() % bytes.size());
  return bytes;
}

int close_code(const Verdict& verdict) {
  const bool closed = !verdict.events.empty() && verdict.events.back().starts_with("close:");
  return closed ? std::stoi(verdict.events.back().substr(6)) : 0;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

TEST(WsDifferential, ReadsWhatBeastReadsAndRefusesWhatItRefuses) {
  int refused = 0;
  int closed = 0;
  for (unsigned seed = 1; seed <= 10'000; ++seed) {
    std::mt19937 random{seed};
    const auto bytes = any_bytes(random);
    const auto ours = of_ours(bytes);
    const auto theirs = BeastServer{}.read(bytes);
    refused += ours.end == Verdict::refused;
    closed += ours.end == Verdict::closed;
    if (close_code(ours) == 1014 || close_code(theirs) >= 5000) continue;
    // We refuse at the first wrong byte, Beast when it has a whole header: cut bytes may only wait there.
    const bool sooner = ours.end == Verdict::refused && theirs.end == Verdict::waits;
    ASSERT_TRUE(ours.end == theirs.end || sooner) << "seed " << seed << ' ' << to_hex(bytes);
    ASSERT_EQ(ours.events, theirs.events) << "seed " << seed << ' ' << to_hex(bytes);
  }
  EXPECT_GT(refused, 1'000);
  EXPECT_GT(closed, 500);
}

}  // namespace
}  // namespace danwa::beast
