#include "adapters/http2/frame.hpp"

namespace danwa::adapters::http2 {
namespace {

void append_number(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>((number >> shift) & 0xFF));
}

}  // namespace

FrameHeader read_frame_header(const std::array<std::uint8_t, kFrameHeader>& bytes) {
  const auto at = [&bytes](std::size_t index) { return static_cast<std::uint32_t>(bytes[index]); };
  return {.length = at(0) << 16 | at(1) << 8 | at(2),
          .type = bytes[3],
          .flags = bytes[4],
          .stream = (at(5) << 24 | at(6) << 16 | at(7) << 8 | at(8)) & kMaxStream};
}

std::string goaway_frame(std::uint32_t last_stream, ErrorCode code, std::string_view text) {
  std::string out;
  append_number(out, static_cast<std::uint32_t>(8 + text.size()), 3);
  append_number(out, static_cast<std::uint32_t>(FrameType::goaway), 1);
  append_number(out, 0, 5);  // no flags, stream 0
  append_number(out, last_stream, 4);
  append_number(out, static_cast<std::uint32_t>(code), 4);
  out += text;
  return out;
}

}  // namespace danwa::adapters::http2
