#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "infra/caf/cluster/test_node.hpp"
#include "infra/caf/handshake.hpp"

namespace danwa::caf {
namespace {

using namespace std::string_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A connection to a node's cluster port by someone who does not belong there.
class Stranger {
 public:
  explicit Stranger(const std::string& address) : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const auto parsed = Address::parse(address).value();
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(parsed.port);
    inet_pton(AF_INET, parsed.host.c_str(), &to.sin_addr);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) throw std::runtime_error{"connect"};
  }
  ~Stranger() { ::close(fd_); }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;

  bool send(const std::string& bytes) const {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
  }

  /// Reads on until the node hangs up; what it has said until then, or nothing when it does not.
  std::optional<std::string> until_closed(seconds limit = seconds{5}) const {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    std::string said;
    while (true) {
      const auto left = std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
      pollfd waiting{fd_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) != 1) return std::nullopt;
      char bytes[4096];
      const auto got = ::recv(fd_, bytes, sizeof bytes, 0);
      if (got <= 0) return said;
      said.append(bytes, static_cast<std::size_t>(got));
    }
  }

 private:
  int fd_;
};

std::string hello_message() {
  Hello hello;
  hello.name = "stranger";
  hello.advertise = "127.0.0.1:1";
  return link_message(PeerMessage::hello, hello.to_body());
}

TEST(ClusterPort, HangsUpOnWhatIsNotItsProtocol) {
  TestNode node{"node-1"};
  std::string garbage(4'096, '\0');
  for (std::size_t i = 0; i < garbage.size(); ++i) garbage[i] = static_cast<char>(i * 131 + i / 7);
  const std::vector<std::string> hostile{
      "\1"s + std::string(31, '\0'),                        // BASP client handshake without payload
      "\0"s + std::string(31, '\0'),                        // BASP server handshake without payload
      "\1\0\0\0\xFF\xFF\xFF\xFF"s + std::string(24, '\0'),  // BASP header, 4 GiB to come
      garbage,
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s,             // TLS
      "dnwL\1\0\xFF\xFF"s,                                         // a hello of 64 KiB
      "dnwL\1\0\0\4"s + "\0\1ab"s,                                 // a hello that is too short
      "dnwL\2\0\0\40"s + std::string(32, 'x'),                     // a proof before the hello
      hello_message() + "dnwL\2\0\0\40"s + std::string(32, 'x'),   // a wrong proof
      hello_message() + "dnwL\3\0\0\41"s + std::string(33, '\0'),  // a verdict instead of a proof
      "dnwL\1\0\0\4"s + "\0\3ab"s,                                 // another version
  };
  for (const auto& bytes : hostile) {
    Stranger stranger{node.address()};
    stranger.send(bytes);
    EXPECT_TRUE(stranger.until_closed()) << "first byte " << int{bytes[0]} << ", " << bytes.size() << " bytes";
  }
  EXPECT_TRUE(eventually([&] { return node.metrics().cluster_refused.value() == hostile.size(); }));
  TestNode friendly{"node-2", {node.address()}};
  EXPECT_TRUE(eventually([&] { return node.sees_up("node-2"); }));
  EXPECT_EQ(node.metrics().bus_unexpected.value(), 0U);
}

TEST(ClusterPort, ShowsNoProofToAStranger) {
  TestNode node{"node-1"};
  Stranger stranger{node.address()};
  stranger.send(hello_message() + "dnwL\2\0\0\40"s + std::string(32, 'x'));
  const auto said = stranger.until_closed();
  ASSERT_TRUE(said);
  EXPECT_EQ(said->substr(0, 5), "dnwL\1");  // its hello
  EXPECT_LT(said->size(), 200U);            // and nothing more
}

TEST(ClusterPort, EndsAHandshakeThatTakesTooLong) {
  TestNode node{"node-1"};
  Stranger silent{node.address()};
  Stranger half{node.address()};
  half.send(hello_message().substr(0, 20));
  Stranger dripping{node.address()};
  const auto start = std::chrono::steady_clock::now();
  for (const char byte : hello_message()) {
    if (!dripping.send(std::string(1, byte))) break;
    std::this_thread::sleep_for(milliseconds{100});
    if (std::chrono::steady_clock::now() - start > seconds{3}) break;
  }
  EXPECT_TRUE(dripping.until_closed(seconds{2}));
  EXPECT_TRUE(silent.until_closed(seconds{2}));
  EXPECT_TRUE(half.until_closed(seconds{2}));
}

TEST(ClusterPort, LetsNodesInThroughACrowdOfSilentConnections) {
  TestNode node{"node-1"};
  std::vector<std::unique_ptr<Stranger>> crowd;
  for (int i = 0; i < 200; ++i) crowd.push_back(std::make_unique<Stranger>(node.address()));
  TestNode friendly{"node-2", {node.address()}};
  EXPECT_TRUE(eventually([&] { return node.sees_up("node-2"); }, seconds{5}));
  for (const auto& stranger : crowd) EXPECT_TRUE(stranger->until_closed(seconds{5}));
  std::size_t lines = 0;
  for (const auto& line : node.log_lines()) lines += line.starts_with("cluster.refused") ? 1U : 0U;
  EXPECT_GE(lines, 1U);
  EXPECT_LE(lines, 8U);  // one a second at most
}

}  // namespace
}  // namespace danwa::caf
