#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <string>

#include "adapters/http/response.hpp"
#include "adapters/sse/event_writer.hpp"
#include "adapters/websocket/handshake.hpp"
#include "infra/beast/stream_context.hpp"

namespace danwa::infra {

/// Turns a connection whose request was allowed, and whose handshake was right, into a WebSocket: answers 101,
/// starts the watch. `leftover` holds what the client sent after the head. Runs on: the socket's own io_context.
/// Never throws for what the client did.
void start_websocket(boost::asio::ip::tcp::socket socket, StreamContext& context,
                     const adapters::websocket::AcceptKey& key, adapters::http::OpenStream open, std::string leftover);

/// The same for a WebSocket on which an adapter speaks: no watch is started.
void start_messages(boost::asio::ip::tcp::socket socket, StreamContext& context,
                    const adapters::websocket::AcceptKey& key, adapters::http::OpenMessages open, std::string leftover);

/// What the head of an SSE answer depends on.
struct SseHead {
  adapters::sse::Framing framing;
  adapters::sse::Headers more;  ///< besides those of every such answer
};

/// The same for an SSE stream: answers 200 `text/event-stream`, starts the watch.
void start_sse(boost::asio::ip::tcp::socket socket, StreamContext& context, const SseHead& head,
               adapters::http::OpenStream open, std::string leftover);

}  // namespace danwa::infra
