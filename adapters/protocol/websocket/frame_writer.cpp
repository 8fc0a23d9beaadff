#include "adapters/protocol/websocket/frame_writer.hpp"

#include <cassert>
#include <cstdint>

namespace danwa::adapters::websocket {
namespace {

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 0xFF));
}

/// Short enough for no allocation.
std::string header_of(Opcode opcode, std::size_t size) {
  std::string header(1, static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode)));
  if (size < 126) {
    header.push_back(static_cast<char>(size));
  } else if (size <= 0xFFFF) {
    header.push_back(static_cast<char>(126));
    append_big_endian(header, size, 2);
  } else {
    header.push_back(static_cast<char>(127));
    append_big_endian(header, size, 8);
  }
  return header;
}

bool is_tail(char byte) { return (static_cast<std::uint8_t>(byte) & 0xC0) == 0x80; }

/// The longest prefix of at most `size` bytes that ends between two code points.
std::string_view cut(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && is_tail(text[size])) --size;
  return text.substr(0, size);
}

}  // namespace

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
  assert(opcode < Opcode::close || payload.size() <= kMaxControlPayload);
  out += header_of(opcode, payload.size());
  out += payload;
}

std::size_t write_header(std::string& bytes, std::size_t payload, Opcode opcode) {
  assert(kMaxHeader <= payload && payload <= bytes.size());
  const auto header = header_of(opcode, bytes.size() - payload);
  const auto start = payload - header.size();
  bytes.replace(start, header.size(), header);
  return start;
}

void append_close(std::string& out, CloseCode code, std::string_view reason) {
  std::string payload;
  append_big_endian(payload, static_cast<std::uint16_t>(code), 2);
  payload += cut(reason, kMaxControlPayload - 2);
  append_frame(out, Opcode::close, payload);
}

void append_close_answer(std::string& out, std::uint16_t code) {
  if (code == static_cast<std::uint16_t>(CloseCode::no_status)) return append_frame(out, Opcode::close, {});
  append_close(out, static_cast<CloseCode>(code), {});
}

}  // namespace danwa::adapters::websocket
