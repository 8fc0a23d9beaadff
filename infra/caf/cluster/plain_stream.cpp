#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "infra/caf/cluster/link_stream.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace danwa::infra {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kUserTimeoutMs = 5'000;

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

class PlainStream final : public LinkStream, public std::enable_shared_from_this<PlainStream> {
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

class PlainStreams final : public LinkStreams {
 public:
  std::shared_ptr<LinkStream> dialled(tcp::socket socket) override {
    return std::make_shared<PlainStream>(std::move(socket));
  }
  std::shared_ptr<LinkStream> accepted(tcp::socket socket) override {
    return std::make_shared<PlainStream>(std::move(socket));
  }
};

}  // namespace

std::unique_ptr<LinkStreams> plain_streams() { return std::make_unique<PlainStreams>(); }

void set_link_options(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay{true}, ignored);
  socket.set_option(boost::asio::socket_base::keep_alive{true}, ignored);
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &kUserTimeoutMs, sizeof kUserTimeoutMs);
}

}  // namespace danwa::infra
