#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/protocol/websocket/frame_parser.hpp"

namespace danwa::tests {

inline constexpr std::array<std::uint8_t, 4> kMask{0x37, 0xFA, 0x21, 0x3D};

inline std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 0xFF));
  return out;
}

inline std::string masked(std::string_view payload) {
  std::string out{payload};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(out[i] ^ kMask[i % 4]);
  return out;
}

/// A masked frame whose first byte is `first` (0x81: final text), with the minimal length.
inline std::string client_frame(int first, std::string_view payload = "") {
  std::string out(1, static_cast<char>(first));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(0x80 | payload.size()));
  } else if (payload.size() <= 0xFFFF) {
    out += static_cast<char>(0xFE) + big_endian(payload.size(), 2);
  } else {
    out += static_cast<char>(0xFF) + big_endian(payload.size(), 8);
  }
  out.append(kMask.begin(), kMask.end());
  return out + masked(payload);
}

inline std::string client_text(std::string_view payload) { return client_frame(0x81, payload); }
inline std::string client_ping(std::string_view payload = "") { return client_frame(0x89, payload); }
inline std::string client_close(std::uint16_t code, std::string_view reason = "") {
  return client_frame(0x88, big_endian(code, 2) + std::string{reason});
}

/// What a parser said, one line an event: `text:`, `binary:`, `ping:`, `pong:` and the payload, `close:` or
/// `refused:` and the code. Pieces of a message are joined; one that has not ended is not told.
class Transcript {
 public:
  explicit Transcript(adapters::websocket::FrameParser::Limits limits) : parser_{limits} {}

  void feed(std::string_view bytes) {
    using Kind = adapters::websocket::Event::Kind;
    std::string copy{bytes};
    std::span<char> rest{copy};
    for (auto event = parser_.next(rest); event.kind != Kind::more; event = parser_.next(rest)) note(event);
  }
  const std::vector<std::string>& lines() const { return lines_; }
  std::string text() const {
    std::string out;
    for (const auto& line : lines_) out += (out.empty() ? "" : " ") + line;
    return out;
  }

 private:
  void note(const adapters::websocket::Event& event) {
    using Kind = adapters::websocket::Event::Kind;
    const std::string payload{event.payload};
    if (event.kind == Kind::ping) lines_.push_back("ping:" + payload);
    if (event.kind == Kind::pong) lines_.push_back("pong:" + payload);
    if (event.kind == Kind::close) lines_.push_back("close:" + std::to_string(event.code) + payload);
    if (event.kind == Kind::refused) lines_.push_back("refused:" + std::to_string(event.code));
    if (event.kind != Kind::text && event.kind != Kind::binary) return;
    message_ += payload;
    if (!event.ends_message) return;
    lines_.push_back((event.kind == Kind::text ? "text:" : "binary:") + message_);
    message_.clear();
  }

  adapters::websocket::FrameParser parser_;
  std::string message_;
  std::vector<std::string> lines_;
};

}  // namespace danwa::tests
