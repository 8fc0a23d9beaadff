#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/protocol/http2/frame_guard.hpp"
#include "support/http2_frames.hpp"

namespace danwa::grpc {

/// A client that writes what it likes to 127.0.0.1 and blocks, 10 s at most, for what comes.
class RawHttp2 {
 public:
  explicit RawHttp2(const std::string& address) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const timeval limit{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) throw std::runtime_error{"connect"};
  }
  ~RawHttp2() { ::close(socket_); }
  RawHttp2(const RawHttp2&) = delete;
  RawHttp2& operator=(const RawHttp2&) = delete;

  static std::string start() {
    return std::string{adapters::http2::kPreface} + tests::http2_frame(adapters::http2::FrameType::settings, 0, 0);
  }

  /// False: the server has closed the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
  }
  void end() { ::shutdown(socket_, SHUT_WR); }

  /// All that comes until the server closes the connection. Throws when it does not.
  std::string read_to_end() {
    std::string all;
    std::array<char, 4096> piece{};
    while (true) {
      const auto size = ::recv(socket_, piece.data(), piece.size(), 0);
      if (size < 0 && errno == EAGAIN) throw std::runtime_error{"the server has not closed the connection in 10 s"};
      if (size <= 0) return all;
      all.append(piece.data(), static_cast<std::size_t>(size));
    }
  }

  /// The codes of the GOAWAY frames in `bytes`, in order.
  static std::vector<adapters::http2::ErrorCode> goodbyes(std::string_view bytes) {
    using namespace adapters::http2;
    std::vector<ErrorCode> codes;
    std::array<std::uint8_t, kFrameHeader> header{};
    while (bytes.size() >= kFrameHeader) {
      std::copy_n(bytes.begin(), kFrameHeader, header.begin());
      const auto frame = read_frame_header(header);
      if (bytes.size() < kFrameHeader + frame.length) break;
      const auto payload = bytes.substr(kFrameHeader, frame.length);
      if (frame.is(FrameType::goaway)) codes.push_back(static_cast<ErrorCode>(payload[7]));
      bytes.remove_prefix(kFrameHeader + frame.length);
    }
    return codes;
  }

 private:
  int socket_;
};

}  // namespace danwa::grpc
