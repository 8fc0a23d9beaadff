#include "infra/beast/stream_session.hpp"

#include <openssl/evp.h>
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "infra/beast/stream_socket.hpp"
#include "infra/beast/websocket_session.hpp"

// From a request to a live stream: the socket is tuned and moves into a session, which sends the head of the answer
// first. SseSession adds the bytes of server-sent events to StreamSession. A frame of JSON is shared by all watchers,
// so only the few bytes around it are made for each of them. A client of an event stream has nothing to send; bytes
// from it are discarded, up to a bound. `retry` is sent once, with the first event, since the browser keeps it.

namespace danwa::beast {
namespace {

namespace sse = adapters::sse;

constexpr std::chrono::milliseconds kReconnectAfter{2'000};  // delay of a browser's EventSource after a lost connection
constexpr std::size_t kMaxForgotten = 65'536;  // bytes that the client may send; then the stream is closed

}  // namespace

SseSession::SseSession(Parts parts, sse::Framing framing)
    : StreamSession{parts.context.metrics.sse_streams, std::move(parts)}, framing_{framing} {}

void SseSession::wrap(const delivery::Frame& frame, Gather& out) {
  const std::string first = tells_retry_ ? std::string{} : sse::retry_line(kReconnectAfter);
  tells_retry_ = true;
  auto wrapping = sse::wrap(frame, ids_, framing_, first);
  out.add_owned(std::move(wrapping.before));
  out.add(frame.json());
  out.add(wrapping.after);
}

void SseSession::take(std::span<char> bytes) {
  forgotten_ += bytes.size();
  if (forgotten_ > kMaxForgotten) close();
}

bool SseSession::append_heartbeat(std::string& out) {
  sse::append_lines(out, sse::comment_line(""), framing_);
  return false;
}

void SseSession::append_expiry_warning(std::string& out, domain::Timestamp expires_at) {
  sse::append_event(out, expiry_notice(expires_at), framing_);
}

void SseSession::append_goodbye(std::string& out, const CloseReason& close_reason) {
  std::string lines = close_reason.retry_after ? sse::retry_line(*close_reason.retry_after) : std::string{};
  lines +=
      sse::comment_line("closed " + std::to_string(static_cast<int>(close_reason.code)) + ' ' + close_reason.reason);
  sse::append_lines(out, lines, framing_);
  sse::append_end(out, framing_);
}

namespace {

namespace http = adapters::http;

StreamSession::Parts to_parts(boost::asio::ip::tcp::socket socket, StreamContext& context, usecase::LeasePtr lease) {
  return {to_stream_socket(std::move(socket), context.limits), ThreadStreams::here(), context, std::move(lease)};
}

/// RFC 6455 section 4.2.2: the base64 of the SHA-1 of the client's key and the standard's GUID.
std::string accept_key(const std::string& key) {
  const std::string salted = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  std::array<unsigned char, 29> text{};  // 28 and a NUL
  if (EVP_Digest(salted.data(), salted.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1) {
    throw std::runtime_error{"OpenSSL gives no SHA-1"};
  }
  EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return reinterpret_cast<const char*>(text.data());
}

}  // namespace

void start_websocket(boost::asio::ip::tcp::socket socket, StreamContext& context, const http::WebSocketKey& key,
                     http::OpenStream open, std::string leftover) {
  const auto session = std::make_shared<WebSocketSession>(to_parts(std::move(socket), context, std::move(open.lease)));
  session->start(http::switching_protocols(accept_key(key.value), open.subprotocol), std::move(open.watch),
                 std::move(leftover));
}

void start_messages(boost::asio::ip::tcp::socket socket, StreamContext& context, const http::WebSocketKey& key,
                    http::OpenMessages open, std::string leftover) {
  const auto executor = socket.get_executor();
  auto parts = to_parts(std::move(socket), context, nullptr);
  const auto session = std::make_shared<MessageSession>(std::move(parts), executor, std::move(open.peer));
  session->start(http::switching_protocols(accept_key(key.value), open.subprotocol), std::nullopt, std::move(leftover));
}

void start_sse(boost::asio::ip::tcp::socket socket, StreamContext& context, const SseHead& head, http::OpenStream open,
               std::string leftover) {
  auto parts = to_parts(std::move(socket), context, std::move(open.lease));
  const auto session = std::make_shared<SseSession>(std::move(parts), head.framing);
  session->start(sse::response_head(head.framing, context.clock.now(), head.more), std::move(open.watch),
                 std::move(leftover));
}

}  // namespace danwa::beast
