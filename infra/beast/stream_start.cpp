#include "infra/beast/stream_start.hpp"

#include <memory>
#include <optional>
#include <utility>

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

}  // namespace

void start_websocket(boost::asio::ip::tcp::socket socket, StreamContext& context, const websocket::AcceptKey& key,
                     http::OpenStream open, std::string leftover) {
  const auto session = std::make_shared<WebSocketSession>(to_parts(std::move(socket), context, std::move(open.lease)));
  session->start(websocket::switching_protocols(key, open.subprotocol), std::move(open.watch), std::move(leftover));
}

void start_messages(boost::asio::ip::tcp::socket socket, StreamContext& context, const websocket::AcceptKey& key,
                    http::OpenMessages open, std::string leftover) {
  const auto executor = socket.get_executor();
  auto parts = to_parts(std::move(socket), context, nullptr);
  const auto session = std::make_shared<MessageSession>(std::move(parts), executor, std::move(open.peer));
  session->start(websocket::switching_protocols(key, open.subprotocol), std::nullopt, std::move(leftover));
}

void start_sse(boost::asio::ip::tcp::socket socket, StreamContext& context, const SseHead& head, http::OpenStream open,
               std::string leftover) {
  auto parts = to_parts(std::move(socket), context, std::move(open.lease));
  const auto session = std::make_shared<SseSession>(std::move(parts), head.framing);
  session->start(sse::response_head(head.framing, context.clock.now(), head.more), std::move(open.watch),
                 std::move(leftover));
}

}  // namespace danwa::infra
