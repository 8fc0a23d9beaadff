#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "infra/client/endpoint.hpp"

namespace danwa::infra {

/// A connected TCP socket with deadlines. Not thread safe. All failures are NetworkError.
class Socket {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  Socket() = default;

  /// Tries the addresses of `endpoint` in order; each but the last has its share of the time, at most 3 s.
  static Socket connect(const Endpoint& endpoint, Deadline deadline);
  ~Socket();
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;

  bool open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  void close();
  void send(std::string_view bytes, Deadline deadline);

  /// Appends what has come to `buffer`. False at the deadline; throws when the other side has closed.
  bool receive(std::string& buffer, Deadline deadline);

 private:
  static Socket connect(const std::string& peer, const net::SocketAddress& address, Deadline deadline);
  bool wait(short events, Deadline deadline) const;

  int fd_ = -1;
  std::string peer_;
};

/// A non-blocking socket whose connection to `address` is under way. Throws NetworkError.
int start_connect(const net::SocketAddress& address);

/// 0 once the connection that `start_connect` began stands, else its errno.
int connect_result(int fd);

}  // namespace danwa::infra
