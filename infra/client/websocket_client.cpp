#include "infra/client/websocket_client.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>

namespace danwa::infra {
namespace {

constexpr std::string_view kMagic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::string to_base64(const unsigned char* bytes, int size) {
  std::string out(static_cast<std::size_t>((size + 2) / 3 * 4), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes, size);
  return out;
}

std::string random_key() {
  std::array<unsigned char, 16> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  return to_base64(bytes.data(), static_cast<int>(bytes.size()));
}

std::uint32_t random_mask() {
  std::uint32_t mask = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&mask), sizeof mask);
  return mask;
}

std::string expected_accept(const std::string& key) {
  const std::string text = key + std::string{kMagic};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return to_base64(digest.data(), static_cast<int>(size));
}

}  // namespace

std::optional<WebSocketClient::Refused> WebSocketClient::open(const Endpoint& node, std::string_view target,
                                                              std::string_view token,
                                                              std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const std::string key = random_key();
  buffer_.clear();
  socket_ = Socket::connect(node, deadline);
  socket_.send(upgrade_request(node.name, target, token, key), deadline);
  HttpAnswer answer;
  Parsed parsed = Parsed::incomplete;
  while ((parsed = parse_answer(buffer_, answer)) == Parsed::incomplete) {
    if (!socket_.receive(buffer_, deadline)) throw NetworkError{node.name + ": no answer in time"};
  }
  if (parsed == Parsed::broken) throw NetworkError{node.name + ": the answer is no HTTP/1.1"};
  if (answer.status != 101) {
    Refused refused{answer.status, std::string{answer.body}};
    socket_.close();
    return refused;
  }
  if (answer.header("sec-websocket-accept").value_or("") != expected_accept(key)) {
    throw NetworkError{node.name + ": Sec-WebSocket-Accept does not fit"};
  }
  buffer_.erase(0, answer.size);
  return std::nullopt;
}

WebSocketClient::Next WebSocketClient::next(std::chrono::milliseconds wait) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  try {
    for (;;) {
      ServerFrame frame;
      switch (parse_frame(buffer_, frame)) {
        case Parsed::broken:
          socket_.close();
          return {Event::closed, "a frame that is none", 1002};
        case Parsed::incomplete:
          if (!socket_.receive(buffer_, deadline)) return {};
          break;
        case Parsed::complete:
          auto next = on_frame(frame);
          buffer_.erase(0, frame.size);
          if (next.event != Event::quiet) return next;
      }
    }
  } catch (const NetworkError& error) {
    socket_.close();
    return {Event::closed, error.what(), 1006};
  }
}

WebSocketClient::Next WebSocketClient::on_frame(const ServerFrame& frame) {
  const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds{1};
  switch (frame.opcode) {
    case Opcode::ping:
      socket_.send(client_frame(Opcode::pong, frame.payload, random_mask()), soon);
      return {};
    case Opcode::close: {
      Next end{Event::closed, std::string{frame.payload.substr(std::min<std::size_t>(2, frame.payload.size()))},
               infra::close_code(frame.payload)};
      socket_.send(client_frame(Opcode::close, frame.payload.substr(0, 2), random_mask()), soon);
      socket_.close();
      return end;
    }
    case Opcode::text:
      return {Event::message, std::string{frame.payload}, 0};
    default:
      return {};
  }
}

void WebSocketClient::close() {
  if (!socket_.open()) return;
  try {
    const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    socket_.send(client_frame(Opcode::close, std::string_view{"\x03\xe8", 2}, random_mask()), soon);
  } catch (const NetworkError&) {
    // it is gone already
  }
  socket_.close();
}

}  // namespace danwa::infra
