#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "infra/redis/redis_node.hpp"

namespace danwa::tests {
namespace {

using namespace std::string_literals;

/// Something else at Redis's port: says its lines in turn, one after each thing it hears, and hangs up.
class Impostor {
 public:
  explicit Impostor(std::vector<std::string> lines) : lines_{std::move(lines)} {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool listens = ::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                         ::listen(fd_, 16) == 0 &&
                         ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    if (!listens) throw std::runtime_error{"no socket"};
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }
  ~Impostor() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;

  std::uint16_t port() const { return port_; }
  int guests() const { return guests_.load(); }

 private:
  void serve() {
    for (int guest = 0; (guest = ::accept(fd_, nullptr, nullptr)) >= 0; ++guests_) {
      for (const auto& line : lines_) {
        char heard[4096];
        if (::recv(guest, heard, sizeof heard, 0) <= 0) break;
        if (::send(guest, line.data(), line.size(), MSG_NOSIGNAL) < 0) break;
      }
      ::close(guest);
    }
  }

  std::vector<std::string> lines_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> guests_{0};
  std::thread thread_;
};

/// What a node logs of a server that says this.
std::string told_of(const std::vector<std::string>& lines) {
  const Impostor impostor{lines};
  RedisNode node{RedisNode::options_for(impostor.port())};
  node.bus.watched(room());
  const auto came_again = [&] {
    node.bus.broadcast(update_frame(1));
    return impostor.guests() >= 4;
  };
  EXPECT_TRUE(wait_for(came_again));  // both links did
  EXPECT_EQ(node.heard.frames(room()).size(), 0U);
  for (const auto* reason : {"not Redis's protocol", "ended the connection", "was answered"}) {
    if (node.log.has(reason)) return reason;
  }
  return "nothing";
}

TEST(NotRedis, OnThePortIsToldAndTriedAgain) {
  EXPECT_EQ(told_of({"HTTP/1.1 400 Bad Request\r\n\r\n"}), "not Redis's protocol");
  EXPECT_EQ(told_of({"\0\1\2\3"s}), "not Redis's protocol");
  EXPECT_EQ(told_of({""}), "ended the connection");
  EXPECT_EQ(told_of({":1\r\n"}), "not Redis's protocol");
  std::string answers_to_no_question;
  for (int i = 0; i < 20'000; ++i) answers_to_no_question += ":1\r\n";
  EXPECT_EQ(told_of({"+PONG\r\n", answers_to_no_question}), "not Redis's protocol");
  EXPECT_EQ(told_of({"-LOADING Redis is loading the dataset in memory\r\n"}), "was answered");
}

/// What ends the process in hiredis's own asynchronous connection.
TEST(NotRedis, SaysStrangeThingsToASubscriberAndHarmsNobody) {
  const std::string subscribed = "*3\r\n$9\r\nsubscribe\r\n$14\r\ndanwa:presence\r\n:1\r\n";
  for (const auto& strange : {"*1\r\n$1\r\nx\r\n"s, "*2\r\n:1\r\n:2\r\n"s, "*0\r\n"s, "$-1\r\n"s,
                              "*3\r\n$-1\r\n$-1\r\n$-1\r\n"s, "*2\r\n$7\r\nmessage\r\n$14\r\ndanwa:presence\r\n"s,
                              "*3\r\n$7\r\nmessage\r\n:1\r\n:2\r\n"s, "*3\r\n$7\r\nmessage\r\n$1\r\nx\r\n$1\r\nx\r\n"s,
                              "*2000000000\r\n"s, "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"s}) {
    const auto told = told_of({"+PONG\r\n", subscribed + strange});
    EXPECT_NE(told, "nothing") << strange;
  }
}

}  // namespace
}  // namespace danwa::tests
