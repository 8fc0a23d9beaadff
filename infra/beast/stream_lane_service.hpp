#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "infra/beast/stream_lane.hpp"

namespace danwa::infra {

/// The lane of the socket's io_context: made on first use, ended with it. The io_context has one thread.
StreamLane& lane_of(boost::asio::ip::tcp::socket& socket);

}  // namespace danwa::infra
