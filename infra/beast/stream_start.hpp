#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <string>

#include "adapters/http/request.hpp"
#include "adapters/http/response.hpp"
#include "infra/beast/stream_context.hpp"

namespace danwa::infra {

/// Turns a connection whose request was allowed into a WebSocket: checks the handshake, answers 101 (or
/// refuses, see `answer_and_close`), starts the watch. `leftover` holds what the client sent after the
/// head. Runs on: the socket's own io_context. Never throws for what the client did.
void start_websocket(boost::asio::ip::tcp::socket socket, StreamContext& context, adapters::http::Request request,
                     adapters::http::OpenStream open, std::string leftover);

/// The same for a WebSocket on which an adapter speaks: no watch is started.
void start_messages(boost::asio::ip::tcp::socket socket, StreamContext& context, adapters::http::Request request,
                    adapters::http::OpenMessages open, std::string leftover);

/// The same for an SSE stream: answers 200 `text/event-stream`, starts the watch.
void start_sse(boost::asio::ip::tcp::socket socket, StreamContext& context, adapters::http::Request request,
               adapters::http::OpenStream open, std::string leftover);

/// Writes a last answer, half-closes, reads and forgets what still comes (`close_timeout`, 1 MiB at most),
/// closes: the answer is not lost by a reset. Runs on: the socket's own io_context.
void answer_and_close(boost::asio::ip::tcp::socket socket, adapters::http::Response response, StreamContext& context,
                      bool without_body = false);

}  // namespace danwa::infra
