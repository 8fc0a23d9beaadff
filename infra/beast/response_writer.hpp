#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string>

#include "adapters/http/response.hpp"

namespace danwa::infra {

/// What the connection adds to an answer.
struct AnswerFrame {
  bool keep_alive = false;
  bool to_http_1_0 = false;   ///< keeping the connection must be said
  bool without_body = false;  ///< of a HEAD: the headers tell of the body, it is not sent
  std::string date;           ///< `Date`
};

using WriteDone = std::function<void(const boost::system::error_code&)>;

/// Writes the whole answer by one gathered call where the socket takes it. `socket` must live until
/// `done`. Adds `Date`, `Server`, `Content-Length`, `Connection`, and the security headers that the answer
/// does not have. Runs on: the socket's io_context.
void write_response(boost::asio::ip::tcp::socket& socket, adapters::http::Response response, AnswerFrame frame,
                    WriteDone done);

}  // namespace danwa::infra
