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
#include <stdexcept>
#include <utility>

namespace danwa::infra {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kBacklog = 4096;
constexpr int kBatch = 64;  // connections taken in one go
constexpr std::chrono::milliseconds kRest{50};
constexpr std::chrono::seconds kReportInterval{1};

int open_spare_descriptor() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

[[noreturn]] void refuse_address(const std::string& address, const std::string& reason) {
  throw std::runtime_error{"grpc.listen " + address + " cannot be bound: " + reason};
}

tcp::endpoint endpoint_of(boost::asio::io_context& io, const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) refuse_address(address, "it is not host:port");
  auto host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  tcp::resolver resolver{io};
  error_code error;
  const auto found = resolver.resolve(host.empty() ? "0.0.0.0" : host, address.substr(colon + 1), error);
  if (error) refuse_address(address, error.message());
  return found.begin()->endpoint();
}

int accept_from(tcp::acceptor& acceptor) {
  return ::accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

bool is_of_the_connection(int error) { return error == ECONNABORTED || error == EINTR || error == EPROTO; }

}  // namespace

ConnectionListener::ConnectionListener(boost::asio::io_context& io, const std::string& address, OnSocket on_socket,
                                       adapters::Logger& log)
    : io_{io}, acceptor_{io}, timer_{io}, on_socket_{std::move(on_socket)}, log_{log}, spare_{open_spare_descriptor()} {
  bind(address);
}

ConnectionListener::~ConnectionListener() {
  if (spare_ >= 0) ::close(spare_);
}

void ConnectionListener::bind(const std::string& address) {
  const auto endpoint = endpoint_of(io_, address);
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address{true}, error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(kBacklog, error);
  if (!error) acceptor_.non_blocking(true, error);
  if (error) refuse_address(address, error.message());
  bound_address_ = address.substr(0, address.rfind(':') + 1) + std::to_string(acceptor_.local_endpoint().port());
}

void ConnectionListener::start() {
  boost::asio::post(io_, [this] { wait(); });
}

void ConnectionListener::stop() {
  std::promise<void> closed;
  boost::asio::post(io_, [this, &closed] {
    error_code ignored;
    acceptor_.close(ignored);
    timer_.cancel();
    closed.set_value();
  });
  closed.get_future().wait();
}

void ConnectionListener::wait() {
  if (!acceptor_.is_open()) return;
  acceptor_.async_wait(tcp::acceptor::wait_read, [this](const error_code& error) {
    if (!error) accept_waiting();
  });
}

void ConnectionListener::accept_waiting() {
  for (int taken = 0; taken < kBatch && acceptor_.is_open(); ++taken) {
    const int socket = accept_from(acceptor_);
    if (socket < 0) {
      const int error = errno;
      if (error == EAGAIN) break;
      if (is_of_the_connection(error)) continue;
      return rest(error);
    }
    const int now = 1;
    (void)::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
    on_socket_(socket);
  }
  wait();
}

void ConnectionListener::rest(int error) {
  if (const auto now = std::chrono::steady_clock::now(); now - reported_ >= kReportInterval) {
    reported_ = now;
    log_.warn("grpc.accept_failed", {{"err", std::strerror(error)}});
  }
  if (error == EMFILE || error == ENFILE) shed();
  timer_.expires_after(kRest);
  timer_.async_wait([this](const error_code& stopped) {
    if (!stopped) wait();
  });
}

/// Better a connection that ends at once than one that waits: its client comes back by itself.
void ConnectionListener::shed() {
  if (spare_ >= 0) ::close(spare_);
  for (int i = 0; i < kBatch; ++i) {
    const int socket = accept_from(acceptor_);
    if (socket < 0) break;
    ::close(socket);
  }
  spare_ = open_spare_descriptor();
}

}  // namespace danwa::infra
