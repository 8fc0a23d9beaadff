#pragma once

// Boost 1.74 needs <utility> before Asio's headers.
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>

#include "infra/caf/cluster/cluster.hpp"

namespace danwa::infra {

/// A connection between two nodes before CAF gets it, plain or TLS. Used by: the cluster's io thread;
/// handlers run there too. One read and one write at a time.
class LinkStream {
 public:
  using Handler = std::function<void(const boost::system::error_code&)>;

  /// A connection on its way to CAF.
  struct Released {
    int fd = -1;                ///< now the caller's
    std::function<void()> cut;  ///< ends the connection, whatever CAF still does with it; any number of times
  };

  virtual ~LinkStream() = default;

  /// TLS handshake, if any.
  virtual void start(Handler on_started) = 0;
  virtual void read(char* to, std::size_t size, Handler on_read) = 0;  ///< exactly `size` bytes
  virtual void write(std::string bytes, Handler on_written) = 0;
  virtual void close() = 0;

  /// Gives the connection away; nothing more may be asked of this object. fd -1: it could not.
  virtual Released release() = 0;
};

/// Makes the streams of a node. TLS contexts live here, so it outlives the streams.
class LinkStreams {
 public:
  virtual ~LinkStreams() = default;
  virtual std::shared_ptr<LinkStream> dialled(boost::asio::ip::tcp::socket socket) = 0;
  virtual std::shared_ptr<LinkStream> accepted(boost::asio::ip::tcp::socket socket) = 0;
};

std::unique_ptr<LinkStreams> plain_streams();

/// Throws std::runtime_error when a file cannot be read or does not fit.
std::unique_ptr<LinkStreams> tls_streams(const ClusterTls& tls);

/// TCP_NODELAY, TCP_USER_TIMEOUT (5 s: also unsticks a peer that takes no bytes), keep-alive.
void set_link_options(boost::asio::ip::tcp::socket& socket);

}  // namespace danwa::infra
