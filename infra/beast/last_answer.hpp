#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "adapters/http/cors.hpp"
#include "infra/beast/stream_context.hpp"

namespace danwa::infra {

/// Ends a connection whose last answer was written already: half-closes it, reads and discards what still arrives (for
/// `close_timeout`, at most 1 MiB), then closes it. Closing at once would make the kernel send a reset, which can
/// destroy the answer before the client reads it. Runs on: the socket's own io_context.
void linger_and_close(boost::asio::ip::tcp::socket socket, StreamContext& context);

/// Answers a connection that is not served, then ends it in the same way. Its head is read first, for half a second at
/// most, so that a page in a browser may see the answer if `cors` grants it.
void refuse_and_close(boost::asio::ip::tcp::socket socket, adapters::http::Response response, StreamContext& context,
                      const adapters::http::CorsPolicy& cors);

}  // namespace danwa::infra
