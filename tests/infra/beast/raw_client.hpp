#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace danwa::beast {

/// An answer as it came.
struct RawAnswer {
  int status = 0;  ///< 0: the connection ended before
  std::string head;
  std::string body;

  bool has(std::string_view line) const { return head.find(std::string{line} + "\r\n") != std::string::npos; }
};

/// A client that sends exactly the bytes it is told to. Blocking; nothing takes longer than 5 s.
class RawClient {
 public:
  /// `receive_buffer`: bytes of SO_RCVBUF, 0 for the system's own.
  explicit RawClient(int port, int receive_buffer = 0) : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const timeval limit{5, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  RawClient(RawClient&& other) noexcept
      : fd_{std::exchange(other.fd_, -1)}, connected_{other.connected_}, read_{std::move(other.read_)} {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() { close(); }

  bool connected() const { return connected_; }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void send_byte_by_byte(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) send(bytes.substr(i, 1));
  }

  void end_sending() { ::shutdown(fd_, SHUT_WR); }

  void reset() {
    const linger hard{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
  }

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  /// The next answer; `to_head`: to a HEAD request, without body.
  RawAnswer read_answer(bool to_head = false) {
    RawAnswer answer;
    std::size_t end;
    while ((end = read_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_more()) return answer;
    }
    answer.head = read_.substr(0, end + 2);
    read_.erase(0, end + 4);
    answer.status = std::stoi(answer.head.substr(9, 3));
    const auto field = answer.head.find("Content-Length: ");
    const auto size = field == std::string::npos || to_head ? 0 : std::stoul(answer.head.substr(field + 16));
    while (read_.size() < size && read_more()) {
    }
    answer.body = read_.substr(0, size);
    read_.erase(0, size);
    return answer;
  }

  /// Everything until the server ends the connection; false when it did not within 5 s or reset it.
  std::pair<std::string, bool> read_to_end() {
    while (read_more()) {
    }
    return {std::exchange(read_, {}), last_ == 0};
  }

  bool ended() { return !read_more() && last_ == 0 && read_.empty(); }

 protected:
  bool read_more() {
    char buffer[16 * 1024];
    last_ = ::recv(fd_, buffer, sizeof buffer, 0);
    if (last_ > 0) read_.append(buffer, static_cast<std::size_t>(last_));
    return last_ > 0;
  }

  int fd_;
  bool connected_ = false;
  ssize_t last_ = 0;
  std::string read_;
};

inline std::string get(std::string_view target, std::string_view more = "") {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: localhost\r\n" + std::string{more} + "\r\n";
}
inline std::string post(std::string_view target, std::string_view body, std::string_view more = "") {
  return "POST " + std::string{target} +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string{more} +
         "\r\n" + std::string{body};
}

/// Waits until `holds`, 5 s at most.
inline bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

}  // namespace danwa::beast
