#include "adapters/protocol/websocket/frame_parser.hpp"

#include <cstring>

// The parser needs no buffer of its own. It keeps at most 14 bytes of header and a few counters between two reads, so
// an idle connection costs little memory. Text is passed on piece by piece, unmasked in place and checked as UTF-8 on
// the way (Utf8Stream). Every check happens at the first byte that decides it, so a frame with a wrong length or opcode
// is refused before its payload is read. Masks and ASCII are processed in steps of eight bytes.

namespace danwa::adapters::websocket {
namespace {

/// Length of the leading run of ASCII, in steps of eight bytes.
std::size_t ascii_run(std::string_view text) {
  std::size_t run = 0;
  for (std::uint64_t word = 0; text.size() - run >= sizeof word; run += sizeof word) {
    std::memcpy(&word, text.data() + run, sizeof word);
    if ((word & 0x8080808080808080ULL) != 0) break;
  }
  return run;
}

}  // namespace

bool Utf8Stream::feed(std::string_view piece) {
  for (std::size_t i = 0; i < piece.size(); ++i) {
    if (missing_ == 0) {
      i += ascii_run(piece.substr(i));
      if (i == piece.size()) break;
      if (!lead(static_cast<std::uint8_t>(piece[i]))) return false;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(piece[i]);
    if (byte < min_ || byte > max_) return false;
    --missing_;
    min_ = 0x80;
    max_ = 0xBF;
  }
  return true;
}

// Unicode 15, table 3-7: the range of the second byte excludes overlong forms, surrogates and values that are too
// large.
bool Utf8Stream::lead(std::uint8_t byte) {
  if (byte < 0x80) return true;
  if (byte < 0xC2 || byte > 0xF4) return false;
  missing_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
  if (byte == 0xE0) min_ = 0xA0;
  if (byte == 0xED) max_ = 0x9F;
  if (byte == 0xF0) min_ = 0x90;
  if (byte == 0xF4) max_ = 0x8F;
  return true;
}

namespace {

/// XORs `bytes` with the mask, starting at the `at`-th byte of the mask, eight bytes at a time. Returns the next `at`.
std::uint8_t unmask(std::span<char> bytes, const std::array<std::uint8_t, 4>& mask, std::uint8_t at) {
  std::array<std::uint8_t, 8> wide{};
  for (std::size_t k = 0; k < wide.size(); ++k) wide[k] = mask[(at + k) % 4];
  std::uint64_t key = 0;
  std::memcpy(&key, wide.data(), sizeof key);
  std::size_t i = 0;
  for (std::uint64_t word = 0; bytes.size() - i >= sizeof word; i += sizeof word) {
    std::memcpy(&word, bytes.data() + i, sizeof word);
    word ^= key;
    std::memcpy(bytes.data() + i, &word, sizeof word);
  }
  for (; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bytes[i] ^ wide[i % 4]);
  return static_cast<std::uint8_t>((at + bytes.size()) % 4);
}

bool is_utf8(std::string_view text) {
  Utf8Stream check;
  return check.feed(text) && check.complete();
}

}  // namespace

Event FrameParser::next(std::span<char>& bytes) {
  if (phase_ == Phase::header) {
    cut_control_.reset();
    if (const auto refusal = read_header(bytes)) return refuse(*refusal);
  }
  if (phase_ == Phase::payload) return is_control() ? read_control(bytes) : read_data(bytes);
  if (phase_ == Phase::finished) bytes = {};
  return {};
}

/// Collects the header byte by byte; checks the first two bytes as soon as they are there.
FrameParser::Check FrameParser::read_header(std::span<char>& bytes) {
  while (!bytes.empty()) {
    header_[header_have_++] = static_cast<std::uint8_t>(bytes.front());
    bytes = bytes.subspan(1);
    Check wrong;
    if (header_have_ == 1) {
      wrong = check_first_byte();
    } else if (header_have_ == 2) {
      wrong = check_second_byte();
    }
    if (wrong) return wrong;
    if (header_have_ < 2 || header_have_ < 2 + length_size() + mask_size()) continue;
    if (auto too_long = check_length()) return too_long;
    start_payload();
    break;
  }
  return std::nullopt;
}

FrameParser::Check FrameParser::check_first_byte() const {
  const bool in_message = message_ != Opcode::continuation;
  if ((header_[0] & 0x70) != 0) return Refusal{CloseCode::protocol_error, "reserved bits are set"};
  switch (opcode()) {
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong:
      if (!is_final()) return Refusal{CloseCode::protocol_error, "fragmented control frame"};
      return std::nullopt;
    case Opcode::continuation:
      if (!in_message) return Refusal{CloseCode::protocol_error, "continuation without a message"};
      return std::nullopt;
    case Opcode::text:
    case Opcode::binary:
      if (in_message) return Refusal{CloseCode::protocol_error, "new message inside another"};
      if (opcode() == Opcode::binary && !limits_.binary) return Refusal{CloseCode::unsupported, "text messages only"};
      return std::nullopt;
  }
  return Refusal{CloseCode::protocol_error, "reserved opcode"};
}

FrameParser::Check FrameParser::check_second_byte() const {
  const auto length = header_[1] & 0x7F;
  const bool masked = (header_[1] & 0x80) != 0;
  if (!masked && limits_.from == Role::client) return Refusal{CloseCode::protocol_error, "frame is not masked"};
  if (masked && limits_.from == Role::server) return Refusal{CloseCode::protocol_error, "frame is masked"};
  if (!is_control()) return std::nullopt;
  if (static_cast<std::size_t>(length) > kMaxControlPayload) {
    return Refusal{CloseCode::protocol_error, "control frame above 125 bytes"};
  }
  if (opcode() == Opcode::close && length == 1) return Refusal{CloseCode::protocol_error, "close payload of one byte"};
  return std::nullopt;
}

std::size_t FrameParser::length_size() const {
  const auto length = header_[1] & 0x7F;
  return length == 126 ? 2 : length == 127 ? 8 : 0;
}

FrameParser::Check FrameParser::check_length() {
  const auto short_length = static_cast<std::uint64_t>(header_[1] & 0x7F);
  const std::size_t extended = length_size();
  remaining_ = extended == 0 ? short_length : 0;
  for (std::size_t i = 0; i < extended; ++i) remaining_ = remaining_ << 8 | header_[2 + i];
  if (extended == 8 && remaining_ >> 63 != 0) return Refusal{CloseCode::protocol_error, "length above 63 bits"};
  if ((extended == 2 && remaining_ < 126) || (extended == 8 && remaining_ <= 0xFFFF)) {
    return Refusal{CloseCode::protocol_error, "length is not minimal"};
  }
  if (is_control()) return std::nullopt;
  if (remaining_ > limits_.max_message - message_size_) return Refusal{CloseCode::too_big, "message too big"};
  message_size_ += remaining_;
  return std::nullopt;
}

void FrameParser::start_payload() {
  std::copy_n(header_.begin() + static_cast<std::ptrdiff_t>(2 + length_size()), mask_size(), mask_.begin());
  mask_at_ = 0;
  header_have_ = 0;
  control_have_ = 0;
  if (!is_control() && opcode() != Opcode::continuation) message_ = opcode();
  phase_ = Phase::payload;
}

std::span<char> FrameParser::take_payload(std::span<char>& bytes) {
  const auto piece = bytes.first(static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size())));
  bytes = bytes.subspan(piece.size());
  remaining_ -= piece.size();
  if (mask_size() > 0) mask_at_ = unmask(piece, mask_, mask_at_);
  return piece;
}

Event FrameParser::read_data(std::span<char>& bytes) {
  if (bytes.empty() && remaining_ > 0) return {};
  const auto piece = take_payload(bytes);
  const bool ends = remaining_ == 0 && is_final();
  Event event{
      message_ == Opcode::text ? Event::Kind::text : Event::Kind::binary, {piece.data(), piece.size()}, ends, 0};
  if (message_ == Opcode::text && (!text_.feed(event.payload) || (ends && !text_.complete()))) {
    return refuse({CloseCode::invalid_payload, "text is not UTF-8"});
  }
  if (remaining_ == 0) phase_ = Phase::header;
  if (ends) {
    message_ = Opcode::continuation;
    message_size_ = 0;
    text_.reset();
  }
  return event;
}

/// A control frame is one event with its whole payload, so a frame that is cut is collected in a small buffer first.
Event FrameParser::read_control(std::span<char>& bytes) {
  const auto piece = take_payload(bytes);
  if (remaining_ == 0 && control_have_ == 0) return finish_control({piece.data(), piece.size()});
  if (piece.empty()) return {};
  if (control_have_ == 0) cut_control_ = std::make_unique<std::array<char, kMaxControlPayload>>();
  std::copy(piece.begin(), piece.end(), cut_control_->begin() + control_have_);
  control_have_ = static_cast<std::uint8_t>(control_have_ + piece.size());
  if (remaining_ > 0) return {};
  return finish_control({cut_control_->data(), control_have_});
}

Event FrameParser::finish_control(std::string_view payload) {
  phase_ = Phase::header;
  if (opcode() == Opcode::close) return finish_close(payload);
  return {opcode() == Opcode::ping ? Event::Kind::ping : Event::Kind::pong, payload, false, 0};
}

Event FrameParser::finish_close(std::string_view payload) {
  if (payload.empty()) {
    phase_ = Phase::finished;
    return {Event::Kind::close, {}, false, static_cast<std::uint16_t>(CloseCode::no_status)};
  }
  const auto high = static_cast<std::uint8_t>(payload[0]);
  const auto low = static_cast<std::uint8_t>(payload[1]);
  const auto code = static_cast<std::uint16_t>(high << 8 | low);
  if (!may_be_sent(code)) return refuse({CloseCode::protocol_error, "close code may not be sent"});
  if (!is_utf8(payload.substr(2))) return refuse({CloseCode::invalid_payload, "close reason is not UTF-8"});
  phase_ = Phase::finished;
  return {Event::Kind::close, payload.substr(2), false, code};
}

Event FrameParser::refuse(Refusal refusal) {
  phase_ = Phase::finished;
  return {Event::Kind::refused, refusal.reason, false, static_cast<std::uint16_t>(refusal.code)};
}

}  // namespace danwa::adapters::websocket
