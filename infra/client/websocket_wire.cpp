#include "infra/client/websocket_wire.hpp"

namespace danwa::infra {
namespace {

constexpr std::uint64_t kMaxPayload = 16 << 20;  // bytes

std::uint8_t byte_at(std::string_view buffer, std::size_t i) { return static_cast<std::uint8_t>(buffer[i]); }

}  // namespace

Parsed parse_frame(std::string_view buffer, ServerFrame& frame) {
  if (buffer.size() < 2) return Parsed::incomplete;
  const auto first = byte_at(buffer, 0);
  const auto second = byte_at(buffer, 1);
  if ((first & 0xF0) != 0x80 || (second & 0x80) != 0) return Parsed::broken;
  std::uint64_t length = second;
  std::size_t header = 2;
  const std::size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (extra > 0) {
    header += extra;
    if (buffer.size() < header) return Parsed::incomplete;
    length = 0;
    for (std::size_t i = 2; i < header; ++i) length = (length << 8) | byte_at(buffer, i);
  }
  if (length > kMaxPayload) return Parsed::broken;
  if (buffer.size() - header < length) return Parsed::incomplete;
  frame.opcode = static_cast<Opcode>(first & 0x0F);
  frame.payload = buffer.substr(header, length);
  frame.size = header + length;
  return Parsed::complete;
}

std::string client_frame(Opcode opcode, std::string_view payload, std::uint32_t mask) {
  std::string out;
  out.push_back(static_cast<char>(0x80 | static_cast<std::uint8_t>(opcode)));
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    const int bytes = payload.size() <= 0xFFFF ? 2 : 8;
    out.push_back(static_cast<char>(0x80 | (bytes == 2 ? 126 : 127)));
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      out.push_back(static_cast<char>((static_cast<std::uint64_t>(payload.size()) >> shift) & 0xFF));
    }
  }
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((mask >> shift) & 0xFF));
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out.push_back(static_cast<char>(byte_at(payload, i) ^ ((mask >> (24 - 8 * (i % 4))) & 0xFF)));
  }
  return out;
}

std::string upgrade_request(std::string_view host, std::string_view target, std::string_view token,
                            std::string_view key) {
  std::string out = "GET ";
  out.append(target).append(" HTTP/1.1\r\nHost: ").append(host);
  out += "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
  out += key;
  if (!token.empty()) out.append("\r\nAuthorization: Bearer ").append(token);
  return out + "\r\n\r\n";
}

int close_code(std::string_view payload) {
  if (payload.size() < 2) return 1005;
  return (byte_at(payload, 0) << 8) | byte_at(payload, 1);
}

}  // namespace danwa::infra
