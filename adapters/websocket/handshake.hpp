#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "adapters/http/request.hpp"
#include "adapters/http/response.hpp"

namespace danwa::adapters::websocket {

/// True if the client asks for a WebSocket: `Upgrade` names `websocket`. `check_handshake` decides whether the request
/// is valid.
bool asks_for_websocket(const http::Request& request);

/// Result of a valid handshake: the value of `Sec-WebSocket-Accept`.
struct AcceptKey {
  std::string value;
};

/// Checks the opening handshake (RFC 6455 section 4.2.1): GET, HTTP/1.1, `Upgrade` names `websocket`, `Connection`
/// names `upgrade`, one `Sec-WebSocket-Version` of exactly 13 (else 426), one `Sec-WebSocket-Key` that is the base64 of
/// 16 bytes. Other faults are answered 400. Extensions are ignored and so declined.
std::variant<AcceptKey, http::Response> check_handshake(const http::Request& request);

/// The head of the 101 answer, blank line included.
std::string switching_protocols(const AcceptKey& key, const std::optional<std::string>& subprotocol);

/// `Sec-WebSocket-Accept` for this `Sec-WebSocket-Key`.
std::string accept_key(std::string_view key);

}  // namespace danwa::adapters::websocket
