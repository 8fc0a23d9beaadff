#include "infra/beast/stream_start.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "adapters/websocket/handshake.hpp"
#include "infra/beast/message_session.hpp"
#include "infra/beast/sse_session.hpp"
#include "infra/beast/stream_lane_service.hpp"
#include "infra/beast/tcp_stream_socket.hpp"
#include "infra/beast/websocket_session.hpp"

namespace danwa::infra {
namespace {

namespace http = adapters::http;
namespace sse = adapters::sse;
namespace websocket = adapters::websocket;

StreamSession::Parts to_parts(boost::asio::ip::tcp::socket socket, StreamContext& context, usecase::LeasePtr lease) {
  auto& lane = lane_of(socket);
  return {to_stream_socket(std::move(socket), context.limits), lane, context, std::move(lease)};
}

/// The head of the answer; nothing: the handshake was wrong, and the connection is ended.
std::optional<std::string> shake_hands(boost::asio::ip::tcp::socket& socket, StreamContext& context,
                                       const http::Request& request, const std::optional<std::string>& subprotocol) {
  auto checked = websocket::check_handshake(request);
  if (const auto* key = std::get_if<websocket::AcceptKey>(&checked)) {
    return websocket::switching_protocols(*key, subprotocol);
  }
  context.metrics.http_errors.add();
  answer_and_close(std::move(socket), std::get<http::Response>(std::move(checked)), context);
  return std::nullopt;
}

}  // namespace

void start_websocket(boost::asio::ip::tcp::socket socket, StreamContext& context, http::Request request,
                     http::OpenStream open, std::string leftover) {
  auto head = shake_hands(socket, context, request, open.subprotocol);
  if (!head) return;
  const auto session = std::make_shared<WebSocketSession>(to_parts(std::move(socket), context, std::move(open.lease)));
  session->start(std::move(*head), std::move(open.watch), std::move(leftover));
}

void start_messages(boost::asio::ip::tcp::socket socket, StreamContext& context, http::Request request,
                    http::OpenMessages open, std::string leftover) {
  auto head = shake_hands(socket, context, request, open.subprotocol);
  if (!head) return;
  const auto executor = socket.get_executor();
  auto parts = to_parts(std::move(socket), context, nullptr);
  const auto session = std::make_shared<MessageSession>(std::move(parts), executor, std::move(open.peer));
  session->start(std::move(*head), std::nullopt, std::move(leftover));
}

void start_sse(boost::asio::ip::tcp::socket socket, StreamContext& context, http::Request request,
               http::OpenStream open, std::string leftover) {
  const auto framing = request.http_1_0 ? sse::Framing::until_close : sse::Framing::chunked;
  const auto session =
      std::make_shared<SseSession>(to_parts(std::move(socket), context, std::move(open.lease)), framing);
  session->start(SseSession::greeting(framing, context.clock.now()), std::move(open.watch), std::move(leftover));
}

}  // namespace danwa::infra
