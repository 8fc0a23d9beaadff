#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "adapters/websocket/close_code.hpp"
#include "adapters/websocket/utf8_stream.hpp"

namespace danwa::adapters::websocket {

/// Maximum payload of a control frame, in bytes (RFC 6455 section 5.5).
inline constexpr std::size_t kMaxControlPayload = 125;

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

enum class Role : std::uint8_t { client, server };

/// What the parser found.
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
    Role from = Role::client;               ///< who sends: a client must mask, a server must not
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
