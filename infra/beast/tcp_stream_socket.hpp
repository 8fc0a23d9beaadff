#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "infra/beast/stream_limits.hpp"
#include "infra/beast/stream_socket.hpp"

namespace danwa::infra {

/// Takes over a connected socket and sets its options for a live stream.
std::unique_ptr<StreamSocket> to_stream_socket(boost::asio::ip::tcp::socket socket, const StreamLimits& limits);

}  // namespace danwa::infra
