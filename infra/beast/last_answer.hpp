#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "infra/beast/stream_start.hpp"

namespace danwa::infra {

/// `answer_and_close` for a connection whose last answer was written already.
void linger_and_close(boost::asio::ip::tcp::socket socket, StreamContext& context);

}  // namespace danwa::infra
