#include "infra/beast/listener.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <boost/asio/post.hpp>
#include <string_view>
#include <utility>

// One acceptor per address feeds all io threads. After an asynchronous accept, up to 64 waiting connections
// are taken without another wait, because connections often arrive in bursts (a reconnect of all clients after a
// restart).
//
// Without a free descriptor, accept fails while the connection stays in the queue, and a loop would consume a whole
// core. The spare descriptor makes it possible to accept such a connection, answer 503, and close it. The pause
// afterwards bounds the cost.

namespace danwa::beast {

namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kBatch = 64;                          // connections taken without another wait
constexpr std::chrono::milliseconds kRest{50};      // after a failed accept
constexpr std::chrono::seconds kReportInterval{1};  // between two log lines
constexpr std::string_view kNoHandles =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";

int open_spare() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

bool is_passing(const error_code& error) {  // an error of one connection, not of the listener
  return error == boost::asio::error::connection_aborted || error == boost::asio::error::connection_reset ||
         error == boost::asio::error::interrupted;
}

}  // namespace

Listener::Acceptor::Acceptor(net::IoThreads& threads, net::BoundSocket bound)
    : address{bound.address.text()},
      acceptor{threads.at(0).context()},
      socket{threads.next().context()},
      timer{threads.at(0).context()} {
  acceptor.assign(bound.address.family() == AF_INET6 ? tcp::v6() : tcp::v4(), bound.socket.release());
  acceptor.non_blocking(true);
}

Listener::Listener(net::IoThreads& threads, const net::ListenPlace& place, OnSocket on_socket, adapters::Logger& log)
    : threads_{threads}, on_socket_{std::move(on_socket)}, log_{log}, spare_{open_spare()} {
  auto bound = net::listen_on(place, log);
  bound_address_ = bound.text();
  for (auto& one : bound.sockets) acceptors_.push_back(std::make_shared<Acceptor>(threads, std::move(one)));
}

Listener::~Listener() {
  if (spare_ >= 0) ::close(spare_);
}

void Listener::start() {
  for (const auto& one : acceptors_) {
    log_.info("http.listening", {{"address", one->address}});
    threads_.at(0).post([this, one] { accept(one); });
  }
}

void Listener::stop() {
  threads_.at(0).post([acceptors = std::exchange(acceptors_, {})] {
    for (const auto& one : acceptors) {
      error_code ignored;
      one->acceptor.close(ignored);
      one->timer.cancel();
    }
  });
}

void Listener::accept(const AcceptorPtr& one) {
  if (!one->acceptor.is_open()) return;
  one->acceptor.async_accept(one->socket, [this, one](const error_code& error) { on_accept(one, error); });
}

void Listener::on_accept(const AcceptorPtr& one, const error_code& error) {
  if (!one->acceptor.is_open()) return;
  if (error) return on_failure(one, error);
  deal(*one);
  accept_waiting(one);
}

void Listener::accept_waiting(const AcceptorPtr& one) {
  for (int i = 0; i < kBatch; ++i) {
    error_code error;
    one->acceptor.accept(one->socket, error);
    if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) break;
    if (error) return on_failure(one, error);
    deal(*one);
  }
  accept(one);
}

/// The socket is created on the io_context of its thread, so it never moves between event loops.
void Listener::deal(Acceptor& one) {
  auto socket = std::exchange(one.socket, tcp::socket{threads_.next().context()});
  const auto executor = socket.get_executor();
  boost::asio::post(executor, [this, socket = std::move(socket)]() mutable { on_socket_(std::move(socket)); });
}

void Listener::on_failure(const AcceptorPtr& one, const error_code& error) {
  if (is_passing(error)) return accept(one);
  report(error);
  if (error == boost::asio::error::no_descriptors) shed(*one);
  rest(one);
}

/// Answers waiting connections with the help of the spare descriptor, without a session.
void Listener::shed(Acceptor& one) {
  if (spare_ >= 0) ::close(spare_);
  for (int i = 0; i < kBatch; ++i) {
    const int fd = ::accept4(one.acceptor.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) break;
    (void)::send(fd, kNoHandles.data(), kNoHandles.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(fd, SHUT_WR);
    ::close(fd);
  }
  spare_ = open_spare();
}

void Listener::rest(const AcceptorPtr& one) {
  one->timer.expires_after(kRest);
  one->timer.async_wait([this, one](const error_code& error) {
    if (!error) accept(one);
  });
}

void Listener::report(const error_code& error) {
  const auto now = std::chrono::steady_clock::now();
  if (now - reported_ < kReportInterval) return;
  reported_ = now;
  log_.warn("http.accept_failed", {{"err", error.message()}});
}

}  // namespace danwa::beast
