#include "infra/net/listening.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <vector>

#include "support/own_network.hpp"

namespace danwa::net {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

std::uint16_t port_in(const HeldAddress& address) {
  return static_cast<std::uint16_t>(std::stoi(address.text().substr(address.text().rfind(':') + 1)));
}

tcp::endpoint loopback(std::uint16_t port) { return {boost::asio::ip::address_v4::loopback(), port}; }

/// Binds as danwa's listeners do.
error_code bind_shared(tcp::acceptor& acceptor, std::uint16_t port) {
  error_code error;
  acceptor.open(tcp::v4());
  acceptor.set_option(tcp::acceptor::reuse_address{true});
  acceptor.bind(loopback(port), error);
  return error;
}

TEST(HeldAddress, FillsInAFreePort) {
  const HeldAddress held{"127.0.0.1:0"};
  EXPECT_EQ(held.text().substr(0, 10), "127.0.0.1:");
  EXPECT_GT(port_in(held), 0);
}

TEST(HeldAddress, LeavesANamedPortAndNonsenseAlone) {
  for (const char* address : {"127.0.0.1:80", "nonsense", "no.such.host.invalid:0"})
    EXPECT_EQ(HeldAddress{address}.text(), address);
}

TEST(HeldAddress, ListensOnlyOnceSomebodyDoes) {
  const HeldAddress held{"127.0.0.1:0"};
  boost::asio::io_context io;
  error_code error;
  tcp::socket{io}.connect(loopback(port_in(held)), error);
  EXPECT_EQ(error, boost::asio::error::connection_refused);
  tcp::acceptor listener{io};
  ASSERT_FALSE(bind_shared(listener, port_in(held)));
  listener.listen();
  tcp::socket{io}.connect(loopback(port_in(held)), error);
  EXPECT_FALSE(error) << error.message();
}

/// Has each of the four ports but the held one.
void take_all_ports() {
  const HeldAddress held{"127.0.0.1:0"};
  ASSERT_GE(port_in(held), 40000);
  ASSERT_LE(port_in(held), 40003);
  boost::asio::io_context io;
  error_code error;
  std::vector<tcp::acceptor> bound;
  while (!error && bound.size() < 4) error = bind_shared(bound.emplace_back(io), 0);
  EXPECT_EQ(error, boost::asio::error::address_in_use);
  EXPECT_EQ(bound.size(), 4U) << "three were bound, the fourth found no port";
  bound.clear();

  tcp::acceptor server{io};
  ASSERT_FALSE(bind_shared(server, 50000));
  server.listen();
  std::vector<tcp::socket> out;
  for (error = {}; !error && out.size() < 4;) out.emplace_back(io).connect(loopback(50000), error);
  EXPECT_EQ(error, boost::system::errc::address_not_available);
  EXPECT_EQ(out.size(), 4U) << "three went out, the fourth found no port";
}

TEST(HeldAddress, IsGivenToNobodyElse) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_TRUE(tests::on_own_host({.hosts = "127.0.0.1 localhost\n", .ports = "40000 40003"}, take_all_ports));
}

}  // namespace
}  // namespace danwa::net
