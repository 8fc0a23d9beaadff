#pragma once

#include <boost/asio/ip/tcp.hpp>

#include "infra/beast/stream_lane.hpp"

namespace danwa::infra {

/// The shared state of the streams on the socket's io_context: created on first use, destroyed with the io_context. The
/// io_context must have one thread.
StreamLane& lane_of(boost::asio::ip::tcp::socket& socket);

}  // namespace danwa::infra
