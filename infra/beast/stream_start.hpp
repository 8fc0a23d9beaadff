#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "adapters/http/handshake.hpp"
#include "adapters/http/message.hpp"
#include "adapters/updates/event_stream.hpp"
#include "infra/beast/io_thread.hpp"

namespace danwa::beast {

/// Turns a connection into a WebSocket after its request was allowed and its handshake checked: answers 101 and starts
/// the watch. `leftover` holds the bytes that the client sent after the head. Runs on: the socket's own io_context.
/// Never throws because of the client.
void start_websocket(boost::asio::ip::tcp::socket socket, StreamContext& context,
                     const adapters::http::WebSocketKey& key, adapters::http::OpenStream open, std::string leftover);

/// The same for a WebSocket whose messages an adapter handles; starts no watch.
void start_messages(boost::asio::ip::tcp::socket socket, StreamContext& context,
                    const adapters::http::WebSocketKey& key, adapters::http::OpenMessages open, std::string leftover);

/// Parameters of the head of an SSE answer.
struct SseHead {
  adapters::sse::Framing framing;
  adapters::sse::Headers more;  ///< in addition to those of every SSE answer
};

/// The same for an SSE stream: answers 200 `text/event-stream` and starts the watch.
void start_sse(boost::asio::ip::tcp::socket socket, StreamContext& context, const SseHead& head,
               adapters::http::OpenStream open, std::string leftover);

}  // namespace danwa::beast
