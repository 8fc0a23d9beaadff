#include "adapters/websocket/handshake.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "adapters/http/header_text.hpp"
#include "adapters/http/problem.hpp"
#include "adapters/websocket/sha1.hpp"

namespace danwa::adapters::websocket {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

bool list_names(std::string_view list, std::string_view token) {
  while (const auto element = http::next_element(list, ',')) {
    if (http::equals_ignoring_case(*element, token)) return true;
  }
  return false;
}

bool header_names(const http::Request& request, std::string_view name, std::string_view token) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [&](const auto& header) { return header.first == name && list_names(header.second, token); });
}

/// Base64 of exactly 16 bytes: 22 digits and `==`. The last four bits of the last digit carry no data; they may be set,
/// because some clients build their key from random letters.
bool is_key(std::string_view text) {
  if (text.size() != 24 || !text.ends_with("==")) return false;
  return text.substr(0, 22).find_first_not_of(kAlphabet) == std::string_view::npos;
}

std::string to_base64(const std::array<std::uint8_t, 20>& bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [&](std::size_t k) { return i + k < bytes.size() ? std::uint32_t{bytes[i + k]} : 0; };
    const std::uint32_t group = at(0) << 16 | at(1) << 8 | at(2);
    for (int shift = 18; shift >= 0; shift -= 6) out.push_back(kAlphabet[group >> shift & 63]);
  }
  out.back() = '=';  // 20 bytes: the last group has two
  return out;
}

http::Response malformed(std::string_view detail) { return http::problem(400, "handshake-invalid", detail); }

}  // namespace

bool asks_for_websocket(const http::Request& request) { return header_names(request, "upgrade", "websocket"); }

std::variant<AcceptKey, http::Response> check_handshake(const http::Request& request) {
  if (request.method != "GET") return malformed("a WebSocket is opened with GET");
  if (request.http_1_0) return malformed("a WebSocket needs HTTP/1.1");
  if (!asks_for_websocket(request)) return malformed("Upgrade must name websocket");
  if (!header_names(request, "connection", "upgrade")) return malformed("Connection must name upgrade");
  if (request.count_header("sec-websocket-version") != 1 || request.header("sec-websocket-version") != "13") {
    auto refusal = http::problem(426, "websocket-version", "Sec-WebSocket-Version must be 13");
    refusal.headers.emplace_back("Sec-WebSocket-Version", "13");
    refusal.headers.emplace_back("Upgrade", "websocket");
    return refusal;
  }
  if (request.count_header("sec-websocket-key") != 1 || !is_key(*request.header("sec-websocket-key"))) {
    return malformed("Sec-WebSocket-Key must be the base64 of 16 bytes, once");
  }
  return AcceptKey{accept_key(*request.header("sec-websocket-key"))};
}

std::string switching_protocols(const AcceptKey& key, const std::optional<std::string>& subprotocol) {
  std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  head += "Sec-WebSocket-Accept: " + key.value + "\r\n";
  if (subprotocol) head += "Sec-WebSocket-Protocol: " + *subprotocol + "\r\n";
  head += "\r\n";
  return head;
}

std::string accept_key(std::string_view key) {
  std::string salted{key};
  salted += kGuid;
  return to_base64(sha1(salted));
}

}  // namespace danwa::adapters::websocket
