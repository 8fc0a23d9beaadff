#pragma once

#include <string>
#include <string_view>

#include "adapters/websocket/close_code.hpp"
#include "adapters/websocket/frame_parser.hpp"

namespace danwa::adapters::websocket {

/// Appends a whole frame of a server: final and not masked (RFC 6455 section 5.2). The payload of a control frame has
/// at most 125 bytes.
void append_frame(std::string& out, Opcode opcode, std::string_view payload);

/// Appends a close frame. The reason is cut to 123 bytes, at a boundary of code points.
void append_close(std::string& out, CloseCode code, std::string_view reason);

/// Appends the answer to a client's close frame: the same code, or no code if the client sent none.
void append_close_answer(std::string& out, std::uint16_t code);

}  // namespace danwa::adapters::websocket
