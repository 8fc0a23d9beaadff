#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// The allowed rate of a kind of frame: `burst` at once, `per_second` in the long run.
struct FrameRate {
  double burst;
  double per_second;
};

/// A token bucket, full at the start. Plain value.
class FrameAllowance {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit FrameAllowance(FrameRate rate) : rate_{rate}, left_{rate.burst} {}

  /// Takes one frame. False: the bucket is empty at `now`.
  bool take(Time now) {
    const std::chrono::duration<double> passed = now - since_;
    if (passed.count() > 0) {
      credit(passed.count() * rate_.per_second);
      since_ = now;
    }
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

  /// Allows `frames` more, up to `burst`: the other side sent something that these frames may answer.
  void credit(double frames) { left_ = std::min(rate_.burst, left_ + frames); }

 private:
  FrameRate rate_;
  double left_;
  Time since_{};  // the refill is counted up to here
};

/// Limits of a client on one connection. The rates are far above the need of busy clients (C++, Python, Go and Node
/// with 100 streams, keepalive pings and bandwidth probes), because frames of the server allow further frames of the
/// client:
/// - each DATA or HEADERS frame allows one PING (Go probes the bandwidth with each);
/// - each of them also allows four WINDOW_UPDATE frames and one for every 32 bytes (a client may send one for each
///   message of a frame);
/// - each SETTINGS and PING allows its acknowledgement.
struct GuardLimits {
  std::size_t header_block = 16 * 1024;           ///< payload bytes of HEADERS and its CONTINUATION frames
  std::size_t continuations = 16;                 ///< frames of one header block, after HEADERS
  std::chrono::milliseconds header_time{10'000};  ///< from HEADERS to the end of its block
  std::size_t open_streams = 200;                 ///< at a time
  FrameRate resets{500, 250};                     ///< RST_STREAM of the client, or with an error of the server
  FrameRate settings{100, 10};
  FrameRate pings{100, 10};
  FrameRate window_updates{1'000, 100};
  FrameRate empty_data{100, 10};       ///< DATA without content that does not end its stream
  FrameRate stray_frames{2'000, 100};  ///< DATA and HEADERS for streams that have ended
  FrameRate other_frames{200, 20};     ///< PRIORITY, GOAWAY, and unknown types
};

/// Reads the frames of both sides of an HTTP/2 connection (RFC 9113). It refuses a client that breaks the framing, or
/// that sends more control frames than its calls justify. It decodes no header and changes no byte: the accepted bytes
/// are forwarded in order. The result depends on the bytes alone, not on how they are cut into reads.
///
/// A frame of the client is accepted as soon as its header is complete, and then byte by byte. A header block is held
/// back until its last frame is complete, so the server never parses an unfinished one: a decoder that starts again
/// with each piece costs the square of the bytes sent. The preface is held back, too.
///
/// Opening calls needs no rate of its own. A call stays open (`open_streams`), is answered, or ends with RST_STREAM
/// (`resets`).
///
/// Bounded: the header block that is held back, and four bytes for each open stream. A plain value: no thread, no
/// clock.
class FrameGuard {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Accepted {
    std::string held;       ///< bytes of earlier calls; forward them first
    std::string_view pass;  ///< a prefix of the bytes of this call
  };
  /// Code and reason for a GOAWAY frame.
  struct Refusal {
    ErrorCode code;
    std::string_view reason;
  };

  explicit FrameGuard(const GuardLimits& limits) : limits_{limits} {}

  /// Takes bytes of the client. After a refusal nothing more is accepted.
  Accepted from_client(std::string_view bytes, Time now);

  /// Takes bytes of the server. All of them are forwarded.
  void from_server(std::string_view bytes, Time now);

  const std::optional<Refusal>& refusal() const { return refusal_; }

  /// The deadline of the open header block; nullopt: no block is open.
  std::optional<Time> header_deadline() const { return header_deadline_; }
  /// Refuses the client if a header block is open: its deadline is over.
  void refuse_late_headers();

  bool has_preface() const { return preface_ == kPreface.size(); }  ///< the client speaks HTTP/2
  std::size_t open_streams() const { return open_.size(); }         ///< not answered, not reset
  std::uint32_t last_stream() const { return last_stream_; }        ///< the latest that the client opened; 0: none
  bool server_leaves() const { return server_leaves_; }             ///< the server has sent GOAWAY
  bool server_between_frames() const;                               ///< a frame may be inserted after its last byte

 private:
  /// The position of one side inside its current frame.
  struct Side {
    std::array<std::uint8_t, kFrameHeader> bytes{};
    std::size_t have = 0;  // bytes of the header
    FrameHeader frame{};
    std::size_t left = 0;      // payload bytes to come
    bool padding = false;      // the next byte is the length of the padding
    bool in_block = false;     // a header block is open
    std::uint32_t stream = 0;  // of that block
  };

  void read_preface(std::string_view bytes, std::size_t& at);
  static bool read_header(Side& side, std::string_view bytes, std::size_t& at);
  void begin_client_frame(Time now);
  void begin_headers(Time now);
  void begin_continuation();
  void begin_data(Time now);
  void end_client_frame();
  void count_padding(std::uint8_t padding, Time now);
  void check_block();
  void begin_server_frame();
  void read_server_payload(std::string_view payload);
  void end_server_frame(Time now);

  bool is_open(std::uint32_t stream) const;
  void close(std::uint32_t stream);
  void spend(FrameAllowance& allowance, Time now, std::string_view reason);
  void refuse(ErrorCode code, std::string_view reason);

  GuardLimits limits_;
  std::optional<Refusal> refusal_;

  Side client_;
  std::size_t preface_ = 0;     // bytes of the preface that have come
  bool settings_seen_ = false;  // the client's first frame has come
  std::string held_;
  std::size_t block_size_ = 0;
  std::size_t block_frames_ = 0;
  std::optional<Time> header_deadline_;
  std::uint32_t max_frame_ = kMaxFrameSize;  // the largest that the server has allowed

  Side server_;
  std::array<std::uint8_t, 6> server_word_{};  // the code of RST_STREAM, the latest entry of SETTINGS
  std::size_t server_word_size_ = 0;
  bool server_leaves_ = false;

  std::vector<std::uint32_t> open_;  // ascending
  std::uint32_t last_stream_ = 0;

  FrameAllowance resets_{limits_.resets};
  FrameAllowance settings_{limits_.settings};
  FrameAllowance pings_{limits_.pings};
  FrameAllowance window_updates_{limits_.window_updates};
  FrameAllowance empty_data_{limits_.empty_data};
  FrameAllowance strays_{limits_.stray_frames};
  FrameAllowance others_{limits_.other_frames};
};

}  // namespace danwa::adapters::http2
