#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "infra/client/http_wire.hpp"

namespace danwa::infra {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// One frame from a server, at the start of a buffer; the view points into that buffer.
struct ServerFrame {
  Opcode opcode = Opcode::text;
  std::string_view payload;
  std::size_t size = 0;  ///< bytes of the buffer it takes
};

/// Reads the frame at the start of `buffer` (RFC 6455 section 5.2). Broken: masked, fragmented (danwa
/// never fragments), reserved bits, or larger than 16 MiB.
Parsed parse_frame(std::string_view buffer, ServerFrame& frame);

/// A whole frame as a client must send it, masked with `mask`.
std::string client_frame(Opcode opcode, std::string_view payload, std::uint32_t mask);

/// The upgrade request; `key` is 16 bytes in base64.
std::string upgrade_request(std::string_view host, std::string_view target, std::string_view token,
                            std::string_view key);

/// Code of a close frame's payload; 1005 when it has none.
int close_code(std::string_view payload);

}  // namespace danwa::infra
