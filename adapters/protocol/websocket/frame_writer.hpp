#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "adapters/protocol/websocket/frame_parser.hpp"

namespace danwa::adapters::websocket {

/// Appends a whole frame of a server: final and not masked (RFC 6455 section 5.2). The payload of a control frame has
/// at most 125 bytes.
void append_frame(std::string& out, Opcode opcode, std::string_view payload);

inline constexpr std::size_t kMaxHeader = 10;  ///< bytes before the payload of a server's frame

/// Writes the header of a frame right before its payload, which is `bytes` from `payload` on. kMaxHeader unused bytes
/// must stand before the payload. Returns the start of the frame.
std::size_t write_header(std::string& bytes, std::size_t payload, Opcode opcode);

/// Appends a close frame. The reason is cut to 123 bytes, between two code points.
void append_close(std::string& out, CloseCode code, std::string_view reason);

/// Appends the answer to a client's close frame: the same code, or no code if the client sent none.
void append_close_answer(std::string& out, std::uint16_t code);

}  // namespace danwa::adapters::websocket
