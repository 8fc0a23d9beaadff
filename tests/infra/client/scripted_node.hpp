#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace danwa::tests {

/// One accepted connection, blocking.
class ScriptedPeer {
 public:
  explicit ScriptedPeer(int fd) : fd_{fd} {}

  /// Everything up to `end`, that included; what came when the client went away.
  std::string read_until(std::string_view end) const {
    std::string text;
    char c = 0;
    while (!text.ends_with(end) && ::recv(fd_, &c, 1, 0) == 1) text += c;
    return text;
  }
  std::string read(std::size_t size) const {
    std::string text(size, '\0');
    const auto got = ::recv(fd_, text.data(), size, MSG_WAITALL);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
  }
  void write(std::string_view bytes) const { (void)::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

 private:
  int fd_;
};

/// A node that plays one script for each connection, one connection after another, and closes it behind that.
class ScriptedNode {
 public:
  using Script = std::function<void(const ScriptedPeer&)>;

  explicit ScriptedNode(std::vector<Script> scripts)
      : listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}, scripts_{std::move(scripts)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(listener_, 8);
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    name_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread{[this] { play(); }};
  }
  ~ScriptedNode() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  ScriptedNode(const ScriptedNode&) = delete;
  ScriptedNode& operator=(const ScriptedNode&) = delete;

  const std::string& name() const { return name_; }

 private:
  void play() const {
    for (const auto& script : scripts_) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0) return;
      script(ScriptedPeer{fd});
      ::close(fd);
    }
  }

  int listener_;
  std::vector<Script> scripts_;
  std::string name_;
  std::thread thread_;
};

}  // namespace danwa::tests
