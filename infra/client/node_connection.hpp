#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <string>

#include "infra/client/endpoint.hpp"

namespace danwa::infra {

using Deadline = std::chrono::steady_clock::time_point;

/// A TCP connection to a node for a caller that blocks: every operation is an asynchronous one of Asio or Beast, run to
/// its end or its deadline by a loop of the connection's own. Not thread safe.
class NodeConnection {
 public:
  /// Tries the addresses in order; each but the last has its share of the time, at most 3 s. Throws NetworkError, which
  /// tells what every address said.
  NodeConnection(const Endpoint& node, Deadline deadline);

  boost::asio::io_context& loop() { return loop_; }
  boost::beast::tcp_stream& stream() { return stream_; }

  /// Runs the operation that `start` begins with the handler that it is given; what it ended with. After a deadline
  /// (`boost::beast::error::timeout`) the connection is closed.
  template <class Start>
  boost::system::error_code run(Deadline deadline, Start start) {
    boost::system::error_code result;
    stream_.expires_at(deadline);
    start([&result](const boost::system::error_code& error, auto&&...) { result = error; });
    loop_.restart();
    loop_.run();
    return result;
  }

 private:
  void connect(const net::SocketAddress& address, Deadline deadline);

  boost::asio::io_context loop_{1};
  boost::beast::tcp_stream stream_{loop_};
};

/// Why an exchange with `node` failed, for people.
NetworkError to_network_error(const Endpoint& node, const boost::system::error_code& error);

}  // namespace danwa::infra
