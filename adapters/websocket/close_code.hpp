#pragma once

#include <cstdint>

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

}  // namespace danwa::adapters::websocket
