#include "adapters/http/handshake.hpp"

#include <algorithm>

#include "adapters/http/problem.hpp"
#include "adapters/protocol/http/fields.hpp"

namespace danwa::adapters::http {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool header_names(const Request& request, std::string_view name, std::string_view token) {
  const auto elements = request.elements(name);
  return std::any_of(elements.begin(), elements.end(),
                     [token](std::string_view element) { return equals_ignoring_case(element, token); });
}

/// Base64 of exactly 16 bytes: 22 digits and `==`. The last four bits of the last digit carry no data; they may be set,
/// because some clients build their key from random letters.
bool is_key(std::string_view text) {
  if (text.size() != 24 || !text.ends_with("==")) return false;
  return text.substr(0, 22).find_first_not_of(kAlphabet) == std::string_view::npos;
}

Response malformed(std::string_view detail) { return problem(400, "handshake-invalid", detail); }

}  // namespace

bool asks_for_websocket(const Request& request) { return header_names(request, "upgrade", "websocket"); }

std::variant<WebSocketKey, Response> check_handshake(const Request& request) {
  if (request.method != "GET") return malformed("a WebSocket is opened with GET");
  if (request.http_1_0) return malformed("a WebSocket needs HTTP/1.1");
  if (!asks_for_websocket(request)) return malformed("Upgrade must name websocket");
  if (!header_names(request, "connection", "upgrade")) return malformed("Connection must name upgrade");
  if (request.count_header("sec-websocket-version") != 1 || request.header("sec-websocket-version") != "13") {
    auto refusal = problem(426, "websocket-version", "Sec-WebSocket-Version must be 13");
    refusal.headers.emplace_back("Sec-WebSocket-Version", "13");
    refusal.headers.emplace_back("Upgrade", "websocket");
    return refusal;
  }
  if (request.count_header("sec-websocket-key") != 1 || !is_key(*request.header("sec-websocket-key"))) {
    return malformed("Sec-WebSocket-Key must be the base64 of 16 bytes, once");
  }
  return WebSocketKey{std::string{*request.header("sec-websocket-key")}};
}

std::string switching_protocols(std::string_view accept, const std::optional<std::string>& subprotocol) {
  std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  head.append("Sec-WebSocket-Accept: ").append(accept).append("\r\n");
  if (subprotocol) head += "Sec-WebSocket-Protocol: " + *subprotocol + "\r\n";
  head += "\r\n";
  return head;
}

}  // namespace danwa::adapters::http
