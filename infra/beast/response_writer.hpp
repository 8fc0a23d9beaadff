#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string>

#include "adapters/http/message.hpp"
#include "adapters/http/origin_check.hpp"
#include "infra/beast/thread_streams.hpp"

namespace danwa::beast {

/// The parts of an answer that the connection decides.
struct AnswerFrame {
  bool keep_alive = false;
  bool to_http_1_0 = false;   ///< `Connection: keep-alive` must be sent
  bool without_body = false;  ///< of a HEAD: the headers describe the body, which is not sent
  std::string date;           ///< `Date`
};

using WriteDone = std::function<void(const boost::system::error_code&)>;

/// Writes the whole answer with one gathered call, if the socket takes it; then `done` is called inside this call.
/// `socket` must live until `done`. Adds `Date`, `Server`, `Content-Length`, `Connection`, and security headers that
/// the answer does not have. Runs on: the socket's io_context.
void write_response(boost::asio::ip::tcp::socket& socket, adapters::http::Response response, AnswerFrame frame,
                    WriteDone done);

/// Ends a connection whose last answer was written already: half-closes it, reads and discards further bytes (for
/// `close_timeout`, at most 1 MiB), then closes it. Closing at once would make the kernel send a reset, which can
/// destroy the answer before the client reads it. Runs on: the socket's own io_context.
void linger_and_close(boost::asio::ip::tcp::socket socket, StreamContext& context);

/// Answers a connection that is not served, then ends it in the same way. Its head is read first, for half a second at
/// most, so that a page in a browser may see the answer if `cors` grants it.
void refuse_and_close(boost::asio::ip::tcp::socket socket, adapters::http::Response response, StreamContext& context,
                      const adapters::http::CorsPolicy& cors);

}  // namespace danwa::beast
