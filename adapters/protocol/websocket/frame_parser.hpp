#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace danwa::adapters::websocket {

/// The reason why a WebSocket ends (RFC 6455 section 7.4, and 4xxx of danwa). "Retry": the client may connect again, to
/// any node, with `after=` the last cursor it received.
enum class CloseCode : std::uint16_t {
  normal = 1000,           ///< the client asked for it, or has received everything it wanted
  going_away = 1001,       ///< retry: the node stops or sheds load; the reason is `retry-after=<ms>`
  protocol_error = 1002,   ///< broken framing: the client has a defect
  unsupported = 1003,      ///< a binary message; danwa speaks text
  no_status = 1005,        ///< never sent: stands for a close frame without a code
  invalid_payload = 1007,  ///< a text message or close reason that is not UTF-8
  policy = 1008,           ///< a rule of the server was broken
  too_big = 1009,          ///< a message above the limit
  bad_request = 4400,      ///< a message that is not valid here
  unauthorized = 4401,     ///< retry with a new token: the old one has expired
  forbidden = 4403,        ///< access was revoked
  ping_timeout = 4408,     ///< retry: no sign of life within the time limit
  too_many = 4429,         ///< retry later: too many messages
};

/// True if a new connection (with a new token after `unauthorized`) makes sense.
constexpr bool may_retry(CloseCode code) {
  return code == CloseCode::going_away || code == CloseCode::unauthorized || code == CloseCode::ping_timeout ||
         code == CloseCode::too_many;
}

/// True if a close frame may carry `code`: those of RFC 6455 and its IANA registry (1000 to 1003, 1007 to 1014), and
/// 3000 to 4999.
constexpr bool may_be_sent(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/// Number of messages that a client may still send: a token bucket, full at the start. Counts whole messages, pings,
/// pongs and empty fragments. Plain value, 16 bytes.
class Allowance {
 public:
  static constexpr std::uint32_t kBurst = 2'000;    // messages at once
  static constexpr std::uint32_t kPerSecond = 100;  // in the long run

  /// Counts one message. False: the client has sent too many.
  bool take(std::chrono::steady_clock::time_point now) {
    refill(now);
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  void refill(std::chrono::steady_clock::time_point now) {
    if (left_ == kBurst) since_ = now;
    const auto earned = (now - since_) / kOne;
    if (earned <= 0) return;
    left_ = static_cast<std::uint32_t>(std::min<std::int64_t>(kBurst, left_ + earned));
    since_ += earned * kOne;
  }

  static constexpr std::chrono::nanoseconds kOne{1'000'000'000 / kPerSecond};
  std::chrono::steady_clock::time_point since_{};  // the refill is counted up to this time
  std::uint32_t left_ = kBurst;
};

/// Checks UTF-8 (RFC 3629) that arrives in pieces, cut anywhere. Finds a wrong byte at once, not at the end of its
/// sequence. Plain value, 3 bytes.
class Utf8Stream {
 public:
  /// False from the first byte on that cannot stand at its place in well-formed text.
  bool feed(std::string_view piece);

  /// True between two code points.
  bool complete() const { return missing_ == 0; }
  void reset() { *this = Utf8Stream{}; }

 private:
  bool lead(std::uint8_t byte);

  std::uint8_t missing_ = 0;  // bytes that the current sequence still needs
  std::uint8_t min_ = 0x80;   // range of the next byte
  std::uint8_t max_ = 0xBF;
};

/// Maximum payload of a control frame, in bytes (RFC 6455 section 5.5).
inline constexpr std::size_t kMaxControlPayload = 125;

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

enum class Role : std::uint8_t { client, server };

/// One event of a connection.
struct Event {
  enum class Kind {
    more,     ///< all bytes are consumed, no event is complete; always after close or refused
    text,     ///< a piece of a text message, well-formed so far
    binary,   ///< a piece of a binary message
    ping,     ///< `payload` is the payload for the pong
    pong,     ///< an answer, or unsolicited
    close,    ///< `code` (1005: none) and the reason in `payload`; the last event
    refused,  ///< the other side broke a rule: close with `code` and the reason in `payload`; the last event
  };
  Kind kind = Kind::more;
  std::string_view payload;   ///< valid until the next call; points into the caller's bytes if possible
  bool ends_message = false;  ///< of text and binary
  std::uint16_t code = 0;     ///< of close and refused
};

/// Reads the frames of one side (RFC 6455 section 5, no extensions), from pieces cut anywhere. Refuses at the first
/// wrong byte: reserved bits and opcodes, missing or needless masks, fragmented or long
/// control frames, lengths that are not minimal or exceed 63 bits or the message limit, continuations out
/// of place, text and close reasons that are not UTF-8, close payloads of one byte or with a wrong code.
/// Allocates only for a control frame that is cut across pieces. Plain value, no thread.
///
///     for (Event event = parser.next(bytes); event.kind != Event::Kind::more; event = parser.next(bytes)) ...
class FrameParser {
 public:
  struct Limits {
    std::uint64_t max_message = 64 * 1024;  ///< bytes of one message, all fragments together; above: 1009
    bool binary = false;                    ///< otherwise a binary message is refused with 1003
    Role from = Role::client;               ///< the sender: a client must mask, a server must not
  };

  explicit FrameParser(Limits limits) : limits_{limits} {}

  /// Consumes bytes from the front of `bytes`, unmasking them in place, until there is an event.
  Event next(std::span<char>& bytes);

 private:
  enum class Phase : std::uint8_t { header, payload, finished };
  struct Refusal {
    CloseCode code;
    std::string_view reason;
  };
  using Check = std::optional<Refusal>;

  Check read_header(std::span<char>& bytes);
  Check check_first_byte() const;
  Check check_second_byte() const;
  Check check_length();
  std::size_t mask_size() const { return limits_.from == Role::client ? mask_.size() : 0; }
  std::size_t length_size() const;
  void start_payload();

  Event read_data(std::span<char>& bytes);
  Event read_control(std::span<char>& bytes);
  Event finish_control(std::string_view payload);
  Event finish_close(std::string_view payload);
  Event refuse(Refusal refusal);
  std::span<char> take_payload(std::span<char>& bytes);

  Opcode opcode() const { return static_cast<Opcode>(header_[0] & 0x0F); }
  bool is_final() const { return (header_[0] & 0x80) != 0; }
  bool is_control() const { return (header_[0] & 0x08) != 0; }

  Limits limits_;
  std::uint64_t remaining_ = 0;                         // payload bytes of this frame still to come
  std::uint64_t message_size_ = 0;                      // size of the message so far, this frame included
  std::unique_ptr<std::array<char, 125>> cut_control_;  // payload of a control frame that arrived in pieces
  std::array<std::uint8_t, 14> header_{};
  std::array<std::uint8_t, 4> mask_{};
  std::uint8_t header_have_ = 0;
  std::uint8_t control_have_ = 0;
  std::uint8_t mask_at_ = 0;
  Phase phase_ = Phase::header;
  Opcode message_ = Opcode::continuation;  // of the open message; continuation: none is open
  Utf8Stream text_;
};

}  // namespace danwa::adapters::websocket
