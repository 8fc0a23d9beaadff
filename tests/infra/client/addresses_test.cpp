#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>

#include "infra/client/node_client.hpp"
#include "infra/net/listening.hpp"
#include "support/own_network.hpp"
#include "support/quiet_logger.hpp"

namespace danwa::client {
namespace {

using tests::on_own_host;
using Clock = std::chrono::steady_clock;

constexpr const char* kHosts =
    "127.0.0.1 localhost\n::1 localhost\n127.0.0.1 three\n127.0.0.2 three\n127.0.0.3 three\n";

TEST(NodeConnection, TriesEveryAddressOfAName) {
  EXPECT_TRUE(on_own_host({.hosts = kHosts}, [] {
    tests::QuietLogger log;
    for (const char* only : {"127.0.0.1:8080", "[::1]:8080"}) {
      const auto bound = net::listen_on({"http.listen", only}, log);
      NodeConnection connection{Endpoint::parse("localhost:8080"), Clock::now() + std::chrono::seconds{5}};
      EXPECT_TRUE(connection.stream().socket().is_open()) << only;
    }
  }));
}

TEST(NodeConnection, TellsWhatEveryAddressSaid) {
  EXPECT_TRUE(on_own_host({.hosts = kHosts}, [] {
    try {
      NodeConnection{Endpoint::parse("three:8080"), Clock::now() + std::chrono::seconds{5}};
      FAIL();
    } catch (const NetworkError& error) {
      EXPECT_EQ(std::string{error.what()},
                "three:8080: 127.0.0.1:8080: cannot connect: Connection refused; 127.0.0.2:8080: cannot connect: "
                "Connection refused; 127.0.0.3:8080: cannot connect: Connection refused");
    }
  }));
}

/// A listener whose queue is full lets connections hang, as a host behind a firewall does.
TEST(NodeConnection, LeavesTimeForTheLastAddress) {
  EXPECT_TRUE(on_own_host({.hosts = kHosts}, [] {
    tests::QuietLogger log;
    const auto silent = net::listen_on({.setting = "http.listen", .address = "127.0.0.1:8080", .backlog = 0}, log);
    const auto good = net::listen_on({"http.listen", "127.0.0.2:8080"}, log);
    std::vector<net::Descriptor> crowd;
    const auto target = net::resolve({"127.0.0.1", 8080}, net::Purpose::connect)->front();
    for (int i = 0; i < 4; ++i) {
      crowd.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
      (void)::connect(crowd.back().get(), target.raw(), target.size);
    }
    const auto begin = Clock::now();
    NodeConnection connection{Endpoint::parse("three:8080"), begin + std::chrono::milliseconds{1500}};
    EXPECT_TRUE(connection.stream().socket().is_open());
    EXPECT_GE(Clock::now() - begin, std::chrono::milliseconds{400}) << "the first one was silent for its share";
  }));
}

}  // namespace
}  // namespace danwa::client
