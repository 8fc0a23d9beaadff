#include "infra/caf/peer_connection.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

// A connection between nodes until the handshake is over, plain or TLS; `release` then gives its descriptor to CAF. A
// stopped peer must not keep a connection alive, and CAF does not close one before its buffer is drained. So a second
// descriptor stays here, to shut the connection down.
//
// Mutual TLS works without CAF's own TLS, which spins at 100 % of a core on a client that stays silent. Asio runs TLS.
// `release` makes a socket pair: CAF gets one end as if it were the connection, and TlsRelay copies bytes between the
// other end and TLS. The relay costs about 30 us of CPU per single message at 5,000 a second, less with batches. It
// also bounds memory: one buffer of 64 KiB a direction.

namespace danwa::caf {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kUserTimeoutMs = 5'000;  // for unacknowledged bytes

/// A second descriptor of a connection. It shuts the connection down while CAF owns the first one. CAF alone would
/// first drain its buffer, which a stopped peer prevents.
class Cutter {
 public:
  explicit Cutter(int fd) : fd_{fcntl(fd, F_DUPFD_CLOEXEC, 0)} {}
  ~Cutter() {
    if (fd_ >= 0) ::close(fd_);
  }
  Cutter(const Cutter&) = delete;
  Cutter& operator=(const Cutter&) = delete;

  void cut() const { ::shutdown(fd_, SHUT_RDWR); }

 private:
  int fd_;
};

class PlainStream final : public PeerConnection, public std::enable_shared_from_this<PlainStream> {
 public:
  explicit PlainStream(tcp::socket socket) : socket_{std::move(socket)} {}

  void start(Handler on_started) override { on_started({}); }

  void read(char* to, std::size_t size, Handler on_read) override {
    auto handler = [self = shared_from_this(), on_read = std::move(on_read)](const error_code& error, std::size_t) {
      on_read(error);
    };
    boost::asio::async_read(socket_, boost::asio::buffer(to, size), std::move(handler));
  }

  void write(std::string bytes, Handler on_written) override {
    outgoing_ = std::move(bytes);
    auto handler = [self = shared_from_this(), on_written = std::move(on_written)](const error_code& error,
                                                                                   std::size_t) { on_written(error); };
    boost::asio::async_write(socket_, boost::asio::buffer(outgoing_), std::move(handler));
  }

  void close() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
  }

  Released release() override {
    error_code failed;
    const int fd = socket_.release(failed);
    if (failed) return {};
    auto cutter = std::make_shared<Cutter>(fd);
    return {fd, [cutter] { cutter->cut(); }};
  }

 private:
  tcp::socket socket_;
  std::string outgoing_;
};

class PlainStreams final : public PeerConnections {
 public:
  std::shared_ptr<PeerConnection> dialled(tcp::socket socket) override {
    return std::make_shared<PlainStream>(std::move(socket));
  }
  std::shared_ptr<PeerConnection> accepted(tcp::socket socket) override {
    return std::make_shared<PlainStream>(std::move(socket));
  }
};

}  // namespace

std::unique_ptr<PeerConnections> plain_streams() { return std::make_unique<PlainStreams>(); }

void set_link_options(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  socket.set_option(boost::asio::socket_base::keep_alive{true}, ignored);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kUserTimeoutMs, sizeof kUserTimeoutMs);
}

namespace {

namespace ssl = boost::asio::ssl;
using boost::asio::local::stream_protocol;
using TlsSocket = ssl::stream<tcp::socket>;

constexpr std::size_t kRelayBuffer = 64 * 1024;

/// Copies bytes between the TLS connection and one end of a socket pair; CAF owns the other end. Each direction reads
/// again only after its write has ended, so a slow reader slows the writer down.
class TlsRelay : public std::enable_shared_from_this<TlsRelay> {
 public:
  TlsRelay(TlsSocket tls, stream_protocol::socket local) : tls_{std::move(tls)}, local_{std::move(local)} {}

  void start() {
    pump(tls_, local_, inward_);
    pump(local_, tls_, outward_);
  }

  void cut() {
    boost::asio::post(tls_.get_executor(), [self = shared_from_this()] { self->close(); });
  }

 private:
  using Buffer = std::array<char, kRelayBuffer>;

  template <class From, class To>
  void pump(From& from, To& to, Buffer& buffer) {
    auto on_read = [self = shared_from_this(), &from, &to, &buffer](const error_code& error, std::size_t size) {
      if (error) return self->close();
      auto on_written = [self, &from, &to, &buffer](const error_code& failed, std::size_t) {
        if (failed) return self->close();
        self->pump(from, to, buffer);
      };
      boost::asio::async_write(to, boost::asio::buffer(buffer.data(), size), std::move(on_written));
    };
    from.async_read_some(boost::asio::buffer(buffer), std::move(on_read));
  }

  void close() {
    error_code ignored;
    tls_.lowest_layer().close(ignored);
    local_.close(ignored);
  }

  TlsSocket tls_;
  stream_protocol::socket local_;
  Buffer inward_{};
  Buffer outward_{};
};

class TlsStream final : public PeerConnection, public std::enable_shared_from_this<TlsStream> {
 public:
  TlsStream(tcp::socket socket, ssl::context& context, ssl::stream_base::handshake_type type)
      : tls_{std::move(socket), context}, type_{type} {}

  void start(Handler on_started) override {
    auto handler = [self = shared_from_this(), on_started = std::move(on_started)](const error_code& error) {
      on_started(error);
    };
    tls_.async_handshake(type_, std::move(handler));
  }

  void read(char* to, std::size_t size, Handler on_read) override {
    auto handler = [self = shared_from_this(), on_read = std::move(on_read)](const error_code& error, std::size_t) {
      on_read(error);
    };
    boost::asio::async_read(tls_, boost::asio::buffer(to, size), std::move(handler));
  }

  void write(std::string bytes, Handler on_written) override {
    outgoing_ = std::move(bytes);
    auto handler = [self = shared_from_this(), on_written = std::move(on_written)](const error_code& error,
                                                                                   std::size_t) { on_written(error); };
    boost::asio::async_write(tls_, boost::asio::buffer(outgoing_), std::move(handler));
  }

  void close() override {
    error_code ignored;
    tls_.lowest_layer().close(ignored);
  }

  Released release() override {
    stream_protocol::socket ours{tls_.get_executor()};
    stream_protocol::socket theirs{tls_.get_executor()};
    error_code failed;
    boost::asio::local::connect_pair(ours, theirs, failed);
    if (failed) return {};
    const int fd = theirs.release(failed);
    if (failed) return {};
    auto relay = std::make_shared<TlsRelay>(std::move(tls_), std::move(ours));
    relay->start();
    return {fd, [weak = std::weak_ptr{relay}] {
              if (const auto alive = weak.lock()) alive->cut();
            }};
  }

 private:
  TlsSocket tls_;
  ssl::stream_base::handshake_type type_;
  std::string outgoing_;
};

ssl::context make_context(const ClusterTls& tls) {
  ssl::context context{ssl::context::tls};
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  const auto check = [](const error_code& error, const char* setting, const std::string& file) {
    if (error) throw std::runtime_error{std::string{setting} + " '" + file + "': " + error.message()};
  };
  error_code error;
  context.load_verify_file(tls.ca_file, error);
  check(error, "cluster.tls.ca_file", tls.ca_file);
  context.use_certificate_chain_file(tls.certificate_file, error);
  check(error, "cluster.tls.certificate_file", tls.certificate_file);
  context.use_private_key_file(tls.key_file, ssl::context::pem, error);
  check(error, "cluster.tls.key_file", tls.key_file);
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    throw std::runtime_error{"cluster.tls: the key does not belong to the certificate"};
  }
  return context;
}

class TlsStreams final : public PeerConnections {
 public:
  explicit TlsStreams(const ClusterTls& tls) : context_{make_context(tls)} {}

  std::shared_ptr<PeerConnection> dialled(tcp::socket socket) override {
    return std::make_shared<TlsStream>(std::move(socket), context_, ssl::stream_base::client);
  }
  std::shared_ptr<PeerConnection> accepted(tcp::socket socket) override {
    return std::make_shared<TlsStream>(std::move(socket), context_, ssl::stream_base::server);
  }

 private:
  ssl::context context_;
};

}  // namespace

std::unique_ptr<PeerConnections> tls_streams(const ClusterTls& tls) { return std::make_unique<TlsStreams>(tls); }

}  // namespace danwa::caf
