#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "adapters/http/cors.hpp"
#include "infra/beast/stream_context.hpp"

namespace danwa::infra {

/// Ends a connection whose last answer was written already: half-closes, reads and forgets what still comes
/// (`close_timeout`, 1 MiB at most), closes: the answer is not lost by a reset. Runs on: the socket's own io_context.
void linger_and_close(boost::asio::ip::tcp::socket socket, StreamContext& context);

/// Answers a connection that is not served at all, then ends it like that. First its head is read, for half a
/// second at most: the page that asked may see the answer if `cors` grants it.
void refuse_and_close(boost::asio::ip::tcp::socket socket, adapters::http::Response response, StreamContext& context,
                      const adapters::http::CorsPolicy& cors);

}  // namespace danwa::infra
