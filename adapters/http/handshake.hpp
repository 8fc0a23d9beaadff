#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "adapters/http/message.hpp"

namespace danwa::adapters::http {

/// True if the client asks for a WebSocket: `Upgrade` names `websocket`. `check_handshake` decides whether it gets one.
bool asks_for_websocket(const Request& request);

/// The `Sec-WebSocket-Key` of a valid handshake.
struct WebSocketKey {
  std::string value;
};

/// Checks the opening handshake (RFC 6455 section 4.2.1): GET, HTTP/1.1, `Upgrade` names `websocket`, `Connection`
/// names `upgrade`, one `Sec-WebSocket-Version` of exactly 13 (else 426), one `Sec-WebSocket-Key` that is the base64 of
/// 16 bytes. Other faults are 400. Extensions are ignored, which declines them.
std::variant<WebSocketKey, Response> check_handshake(const Request& request);

/// The head of the 101 answer, blank line included. `accept` is the base64 of the SHA-1 of the key and the standard's
/// GUID.
std::string switching_protocols(std::string_view accept, const std::optional<std::string>& subprotocol);

}  // namespace danwa::adapters::http
