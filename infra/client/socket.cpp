#include "infra/client/socket.hpp"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace danwa::infra {
namespace {

constexpr std::chrono::seconds kPerAddress{3};  // a lost SYN is sent again after one

[[noreturn]] void broken(const std::string& peer, const char* what, int error) {
  throw NetworkError{peer + ": " + what + (error != 0 ? std::string{": "} + std::strerror(error) : std::string{})};
}

}  // namespace

int start_connect(const net::SocketAddress& address) {
  const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) broken(address.text(), "no socket", errno);
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (::connect(fd, address.raw(), address.size) != 0 && errno != EINPROGRESS) {
    const int error = errno;
    ::close(fd);
    broken(address.text(), "cannot connect", error);
  }
  return fd;
}

int connect_result(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

Socket Socket::connect(const Endpoint& endpoint, Deadline deadline) {
  std::string failures;
  auto left = endpoint.addresses.size();
  for (const auto& address : endpoint.addresses) {
    const auto now = std::chrono::steady_clock::now();
    const auto share = std::min<Deadline::duration>((deadline - now) / static_cast<int>(left), kPerAddress);
    try {
      return connect(endpoint.name, address, --left == 0 ? deadline : now + share);
    } catch (const NetworkError& error) {
      failures += (failures.empty() ? "" : "; ") + std::string{error.what()};
    }
  }
  const bool one = endpoint.addresses.size() == 1 && endpoint.addresses.front().text() == endpoint.name;
  throw NetworkError{one ? failures : endpoint.name + ": " + failures};
}

Socket Socket::connect(const std::string& peer, const net::SocketAddress& address, Deadline deadline) {
  Socket socket;
  socket.peer_ = peer;
  socket.fd_ = start_connect(address);
  if (!socket.wait(POLLOUT, deadline)) broken(address.text(), "no connection in time", 0);
  if (const int error = connect_result(socket.fd_); error != 0) broken(address.text(), "cannot connect", error);
  return socket;
}

Socket::~Socket() { close(); }

Socket::Socket(Socket&& other) noexcept : fd_{std::exchange(other.fd_, -1)}, peer_{std::move(other.peer_)} {}

Socket& Socket::operator=(Socket&& other) noexcept {
  close();
  fd_ = std::exchange(other.fd_, -1);
  peer_ = std::move(other.peer_);
  return *this;
}

void Socket::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool Socket::wait(short events, Deadline deadline) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() < 0) return false;
    pollfd waiting{fd_, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) broken(peer_, "poll failed", errno);
  }
}

void Socket::send(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!wait(POLLOUT, deadline)) broken(peer_, "not writable in time", 0);
    } else if (errno != EINTR) {
      broken(peer_, "connection lost", errno);
    }
  }
}

bool Socket::receive(std::string& buffer, Deadline deadline) {
  std::array<char, 16384> chunk;
  for (;;) {
    const auto got = ::recv(fd_, chunk.data(), chunk.size(), 0);
    if (got > 0) {
      buffer.append(chunk.data(), static_cast<std::size_t>(got));
      return true;
    }
    if (got == 0) broken(peer_, "connection closed", 0);
    if (errno != EAGAIN && errno != EINTR) broken(peer_, "connection lost", errno);
    if (!wait(POLLIN, deadline)) return false;
  }
}

}  // namespace danwa::infra
