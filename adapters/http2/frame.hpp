#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace danwa::adapters::http2 {

/// The first bytes of a client (RFC 9113 section 3.4).
inline constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

inline constexpr std::size_t kFrameHeader = 9;           ///< bytes (RFC 9113 section 4.1)
inline constexpr std::uint32_t kMaxFrameSize = 16'384;   ///< payload bytes until SETTINGS allow more (section 6.5.2)
inline constexpr std::uint32_t kMaxStream = 0x7FFFFFFF;  ///< the highest stream id

/// RFC 9113 section 6.
enum class FrameType : std::uint8_t {
  data = 0,
  headers = 1,
  priority = 2,
  rst_stream = 3,
  settings = 4,
  push_promise = 5,
  ping = 6,
  goaway = 7,
  window_update = 8,
  continuation = 9,
};

inline constexpr std::uint8_t kEndStream = 0x1;   ///< of DATA and HEADERS
inline constexpr std::uint8_t kAck = 0x1;         ///< of SETTINGS and PING
inline constexpr std::uint8_t kEndHeaders = 0x4;  ///< of HEADERS and CONTINUATION
inline constexpr std::uint8_t kPadded = 0x8;      ///< of DATA and HEADERS

inline constexpr std::uint16_t kSettingMaxFrameSize = 0x5;

/// RFC 9113 section 7.
enum class ErrorCode : std::uint32_t {
  no_error = 0x0,
  protocol_error = 0x1,
  frame_size_error = 0x6,
  enhance_your_calm = 0xb,
};

struct FrameHeader {
  std::uint32_t length = 0;  ///< bytes of the payload, up to 2^24 - 1
  std::uint8_t type = 0;     ///< may be a value that FrameType does not have
  std::uint8_t flags = 0;
  std::uint32_t stream = 0;  ///< 0: the connection; without the reserved bit

  bool is(FrameType wanted) const { return type == static_cast<std::uint8_t>(wanted); }
  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }
};

FrameHeader read_frame_header(const std::array<std::uint8_t, kFrameHeader>& bytes);

/// A GOAWAY frame: the sender handles no stream above `last_stream`. `text` is for people.
std::string goaway_frame(std::uint32_t last_stream, ErrorCode code, std::string_view text);

}  // namespace danwa::adapters::http2
