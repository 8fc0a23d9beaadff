#include "infra/grpc/connection_listener.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <future>
#include <utility>

namespace danwa::infra {

// An accept loop for a process without free descriptors. A waiting connection keeps the listening socket readable, so a
// loop that only tries again would spin. The listener therefore keeps one spare descriptor. It releases it, accepts and
// closes what waits, and opens the spare again: a client that is closed at once tries elsewhere or again, while one
// that waits in the backlog does not.

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kBatch = 64;  // connections taken in one go
constexpr std::chrono::milliseconds kRest{50};
constexpr std::chrono::seconds kReportInterval{1};

int open_spare_descriptor() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

int accept_from(tcp::acceptor& acceptor) {
  return ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

bool is_of_the_connection(int error) { return error == ECONNABORTED || error == EINTR || error == EPROTO; }

}  // namespace

ConnectionListener::ConnectionListener(boost::asio::io_context& io, const net::ListenPlace& place, OnSocket on_socket,
                                       adapters::Logger& log)
    : io_{io}, on_socket_{std::move(on_socket)}, log_{log}, spare_{open_spare_descriptor()} {
  auto bound = net::listen_on(place, log);
  bound_address_ = bound.place.text();
  for (auto& one : bound.sockets) {
    const auto protocol = one.address.family() == AF_INET6 ? tcp::v6() : tcp::v4();
    tcp::acceptor acceptor{io, protocol, one.socket.release()};
    acceptor.non_blocking(true);
    acceptors_.push_back(std::make_unique<Acceptor>(Acceptor{std::move(acceptor), boost::asio::steady_timer{io}}));
  }
}

ConnectionListener::~ConnectionListener() {
  if (spare_ >= 0) ::close(spare_);
}

void ConnectionListener::start() {
  boost::asio::post(io_, [this] {
    for (const auto& one : acceptors_) wait(*one);
  });
}

void ConnectionListener::stop() {
  std::promise<void> closed;
  boost::asio::post(io_, [this, &closed] {
    for (const auto& one : acceptors_) {
      error_code ignored;
      one->acceptor.close(ignored);
      one->timer.cancel();
    }
    closed.set_value();
  });
  closed.get_future().wait();
}

void ConnectionListener::wait(Acceptor& one) {
  if (!one.acceptor.is_open()) return;
  one.acceptor.async_wait(tcp::acceptor::wait_read, [this, &one](const error_code& error) {
    if (!error) accept_waiting(one);
  });
}

void ConnectionListener::accept_waiting(Acceptor& one) {
  for (int taken = 0; taken < kBatch && one.acceptor.is_open(); ++taken) {
    const int socket = accept_from(one.acceptor);
    if (socket < 0) {
      const int error = errno;
      if (error == EAGAIN) break;
      if (is_of_the_connection(error)) continue;
      return rest(one, error);
    }
    const int now = 1;
    (void)::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
    on_socket_(socket);
  }
  wait(one);
}

void ConnectionListener::rest(Acceptor& one, int error) {
  if (const auto now = std::chrono::steady_clock::now(); now - reported_ >= kReportInterval) {
    reported_ = now;
    log_.warn("grpc.accept_failed", {{"err", std::strerror(error)}});
  }
  if (error == EMFILE || error == ENFILE) shed(one);
  one.timer.expires_after(kRest);
  one.timer.async_wait([this, &one](const error_code& stopped) {
    if (!stopped) wait(one);
  });
}

/// Accepts and closes up to `kBatch` waiting connections, one at a time, with the spare descriptor.
void ConnectionListener::shed(Acceptor& one) {
  if (spare_ >= 0) ::close(spare_);
  for (int i = 0; i < kBatch; ++i) {
    const int socket = accept_from(one.acceptor);
    if (socket < 0) break;
    ::close(socket);
  }
  spare_ = open_spare_descriptor();
}

}  // namespace danwa::infra
