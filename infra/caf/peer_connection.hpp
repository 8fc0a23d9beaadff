#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "infra/caf/cluster.hpp"

// Boost 1.74 needs <utility> before Asio's headers.

namespace danwa::caf {

/// A connection between two nodes before CAF takes it over, plain or TLS. At most one read and one write at a time.
/// Runs on: the cluster's io thread, its handlers too.
class PeerConnection {
 public:
  using Handler = std::function<void(const boost::system::error_code&)>;

  /// A connection on its way to CAF.
  struct Released {
    int fd = -1;                ///< owned by the caller
    std::function<void()> cut;  ///< ends the connection even while CAF uses it; may be called again
  };

  virtual ~PeerConnection() = default;

  /// Runs the TLS handshake, if any.
  virtual void start(Handler on_started) = 0;
  virtual void read(char* to, std::size_t size, Handler on_read) = 0;  ///< exactly `size` bytes
  virtual void write(std::string bytes, Handler on_written) = 0;
  virtual void close() = 0;

  /// Gives the connection away. No other method may be called afterwards. An fd of -1: it failed.
  virtual Released release() = 0;
};

/// Makes the streams of a node. It holds the TLS context, so it must outlive the streams.
class PeerConnections {
 public:
  virtual ~PeerConnections() = default;
  virtual std::shared_ptr<PeerConnection> dialled(boost::asio::ip::tcp::socket socket) = 0;
  virtual std::shared_ptr<PeerConnection> accepted(boost::asio::ip::tcp::socket socket) = 0;
};

std::unique_ptr<PeerConnections> plain_streams();

/// Throws std::runtime_error if a file cannot be read or the key does not belong to the certificate.
std::unique_ptr<PeerConnections> tls_streams(const ClusterTls& tls);

/// TCP_NODELAY, keep-alive, and TCP_USER_TIMEOUT of 5 s. The last also ends a connection whose peer takes no bytes: CAF
/// drains its buffer before it closes, and without the option the socket stays until the peer resumes.
void set_link_options(boost::asio::ip::tcp::socket& socket);

}  // namespace danwa::caf
