#include "infra/net/addresses.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace danwa::net {
namespace {

TEST(HostPort, ReadsWhatPeopleWrite) {
  struct Case {
    const char* text;
    const char* host;
    int port;
    bool numeric;
  };
  const Case cases[] = {
      {"127.0.0.1:8080", "127.0.0.1", 8080, true},
      {"[::1]:8080", "::1", 8080, true},
      {"[::]:0", "::", 0, true},
      {"[fe80::1%eth0]:1", "fe80::1%eth0", 1, true},
      {":8080", "", 8080, false},
      {"localhost:65535", "localhost", 65535, false},
      {"a-b_c.example.:1", "a-b_c.example.", 1, false},
      {"[::ffff:1.2.3.4]:5", "::ffff:1.2.3.4", 5, true},
  };
  for (const auto& one : cases) {
    const auto read = parse_host_port(one.text);
    ASSERT_TRUE(read) << one.text << ": " << read.error();
    EXPECT_EQ(read->host, one.host);
    EXPECT_EQ(read->port, one.port);
    EXPECT_EQ(read->is_numeric(), one.numeric) << one.text;
    EXPECT_EQ(read->text(), one.text);
  }
}

TEST(HostPort, SaysWhatIsWrong) {
  struct Case {
    const char* text;
    const char* reason;
  };
  const Case cases[] = {
      {"", "is empty"},
      {"8080", "has no port"},
      {"localhost", "has no port, as in localhost:8080"},
      {"localhost:", "must end with a port, 0 to 65535"},
      {"127.0.0.1:99999", "must end with a port, 0 to 65535"},
      {"127.0.0.1:65536", "must end with a port"},
      {"127.0.0.1:-1", "must end with a port"},
      {"127.0.0.1:+80", "must end with a port"},
      {"127.0.0.1:0x50", "must end with a port"},
      {"127.0.0.1:http", "must end with a port"},
      {"localhost:8080/", "must end with a port"},
      {"127.0.0.1: 80", "has a character that no address has"},
      {"caf\xC3\xA9:80", "has a character that no address has"},
      {"http://localhost:8080", "is a URL"},
      {"tcp://10.96.0.12:8080", "is a URL"},
      {"::1:8080", "must have an IPv6 address in brackets"},
      {"fe80::1", "must have an IPv6 address in brackets"},
      {"[::1]", "has no port behind an IPv6 address in brackets"},
      {"[::1", "has no port behind an IPv6 address in brackets"},
      {"[::1]8080", "has no port behind an IPv6 address in brackets"},
      {"[localhost]:80", "has no IPv6 address in its brackets"},
      {"[]:80", "has no IPv6 address in its brackets"},
      {"[127.0.0.1]:80", "has no IPv6 address in its brackets"},
      {"127.0.0.1:1,127.0.0.1:2", "is more than one host:port"},
      {"127.0.0.1:1;127.0.0.1:2", "is more than one host:port"},
      {"*:80", "must leave the host out for all addresses"},
      {"a,b:80", "has a ',' in the host"},
      {"user@host:80", "has a '@' in the host"},
      {"256.0.0.1:80", "is no IPv4 address"},
      {"127.1:80", "is no IPv4 address"},
      {"0177.0.0.1:80", "is no IPv4 address"},
  };
  for (const auto& one : cases) {
    const auto read = parse_host_port(one.text);
    ASSERT_FALSE(read) << one.text;
    EXPECT_EQ(read.error().find("\"" + std::string{one.text} + "\" "), 0U) << read.error();
    EXPECT_NE(read.error().find(one.reason), std::string::npos) << read.error();
  }
}

TEST(SocketAddress, KnowsLoopbackInEveryForm) {
  for (const char* yes : {"127.0.0.1:1", "127.255.0.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"}) {
    EXPECT_EQ(is_all_loopback(yes), true) << yes;
  }
  for (const char* no : {"0.0.0.0:1", "[::]:1", ":1", "10.0.0.1:1", "128.0.0.1:1", "[::ffff:10.0.0.1]:1", "[::2]:1"}) {
    EXPECT_EQ(is_all_loopback(no), false) << no;
  }
  EXPECT_NE(is_all_loopback("no.such.host.invalid:1").error().find("cannot be resolved"), std::string::npos);
}

TEST(SocketAddress, TellsItsTextAndPort) {
  for (const char* text : {"127.0.0.1:80", "[::1]:8080", "0.0.0.0:0"}) {
    auto address = resolve(*parse_host_port(text), Purpose::connect)->front();
    EXPECT_EQ(address.text(), text);
    address.set_port(4711);
    EXPECT_EQ(address.port(), 4711);
  }
}

}  // namespace
}  // namespace danwa::net
