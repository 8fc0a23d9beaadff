#include "infra/net/listening.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support/line_logger.hpp"
#include "support/own_network.hpp"

namespace danwa::net {
namespace {

using tests::LineLogger;
using tests::on_own_host;
using tests::OwnHost;

constexpr const char* kBoth =
    "127.0.0.1 localhost both\n::1 localhost both\n127.0.0.1 localhost\n"
    "127.0.0.1 mixed\n192.0.2.1 mixed\n192.0.2.1 elsewhere\n2001:db8::1 elsewhere\n"
    "127.0.0.1 many\n127.0.0.2 many\n127.0.0.3 many\n";

std::vector<std::string> texts_of(const BoundPlace& place) {
  std::vector<std::string> texts;
  for (const auto& one : place.sockets) texts.push_back(one.address.text());
  return texts;
}

/// What `listen_on` says when it cannot.
std::string refusal_of(const ListenPlace& place) {
  LineLogger log;
  try {
    listen_on(place, log);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

bool connects(const std::string& to) {
  const auto address = resolve(*parse_host_port(to), Purpose::connect)->front();
  const Descriptor socket{::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)};
  return ::connect(socket.get(), address.raw(), address.size) == 0;
}

TEST(ListenOn, TakesEveryAddressOfAName) {
  EXPECT_TRUE(on_own_host({.hosts = kBoth}, [] {
    LineLogger log;
    const auto bound = listen_on({"http.listen", "localhost:8080"}, log);
    const auto texts = texts_of(bound);
    EXPECT_EQ(std::set<std::string>(texts.begin(), texts.end()),
              (std::set<std::string>{"127.0.0.1:8080", "[::1]:8080"}));
    EXPECT_EQ(bound.text(), "localhost:8080");
    EXPECT_TRUE(connects("127.0.0.1:8080"));
    EXPECT_TRUE(connects("[::1]:8080"));
    EXPECT_EQ(log.loud(), 0U);
  }));
}

TEST(ListenOn, TakesEveryAddressOfTheHostWithoutAName) {
  EXPECT_TRUE(on_own_host({.hosts = kBoth}, [] {
    LineLogger log;
    const auto bound = listen_on({"http.listen", ":8080"}, log);
    EXPECT_EQ(bound.text(), ":8080");
    EXPECT_TRUE(connects("127.0.0.1:8080"));
    EXPECT_TRUE(connects("[::1]:8080"));
  }));
}

TEST(ListenOn, TakesBothFamiliesOnTheUnspecifiedIPv6Address) {
  EXPECT_TRUE(on_own_host({.hosts = kBoth}, [] {
    LineLogger log;
    const auto bound = listen_on({"http.listen", "[::]:8080"}, log);
    EXPECT_EQ(bound.text(), "[::]:8080");
    EXPECT_TRUE(connects("127.0.0.1:8080"));
    EXPECT_TRUE(connects("[::1]:8080"));
  }));
}

TEST(ListenOn, LogsAnAddressThatIsNotOfThisHost) {
  EXPECT_TRUE(on_own_host({.hosts = kBoth}, [] {
    LineLogger log;
    EXPECT_EQ(texts_of(listen_on({"http.listen", "mixed:8080"}, log)), std::vector<std::string>{"127.0.0.1:8080"});
    EXPECT_TRUE(log.has("net.address_skipped setting=http.listen address=192.0.2.1:8080: Cannot assign"));
  }));
  EXPECT_TRUE(on_own_host({.hosts = kBoth, .ipv6 = false}, [] {
    LineLogger log;
    EXPECT_EQ(listen_on({"http.listen", "localhost:8080"}, log).text(), "127.0.0.1:8080");
    EXPECT_TRUE(log.has("net.address_skipped setting=http.listen address=[::1]:8080"));
  }));
}

TEST(ListenOn, FailsWhenNoAddressIsOfThisHost) {
  EXPECT_TRUE(on_own_host({.hosts = kBoth}, [] {
    const auto line = refusal_of({"http.listen", "elsewhere:8080"});
    EXPECT_EQ(line.find("http.listen \"elsewhere:8080\" has no address of this host: "), 0U) << line;
    EXPECT_NE(line.find("192.0.2.1:8080: Cannot assign requested address"), std::string::npos) << line;
    EXPECT_NE(line.find("[2001:db8::1]:8080"), std::string::npos) << line;
  }));
}

TEST(ListenOn, FailsWhenOneAddressIsInUse) {
  EXPECT_TRUE(on_own_host({.hosts = kBoth}, [] {
    for (const char* taken : {"127.0.0.1:8080", "[::1]:8080"}) {
      LineLogger log;
      const auto other = listen_on({"http.listen", taken}, log);
      const auto line = refusal_of({"http.listen", "localhost:8080"});
      EXPECT_EQ(line,
                "http.listen \"localhost:8080\" cannot be bound: " + std::string{taken} + ": Address already in use");
    }
  }));
}

TEST(ListenOn, FailsForANameThatIsNotKnown) {
  EXPECT_TRUE(on_own_host({.hosts = kBoth}, [] {
    const auto line = refusal_of({"grpc.listen", "nobody.invalid:80"});
    EXPECT_EQ(line.find("grpc.listen \"nobody.invalid:80\" cannot be resolved: "), 0U) << line;
  }));
  EXPECT_EQ(refusal_of({"http.listen", "127.0.0.1:99999"}).find("http.listen \"127.0.0.1:99999\" must end with a port"),
            0U);
}

TEST(ListenOn, KeepsANameOnLoopbackWithEachOfItsAddresses) {
  EXPECT_TRUE(on_own_host({.hosts = kBoth}, [] {
    EXPECT_EQ(refusal_of({.setting = "http.listen", .address = "localhost:80", .loopback_only = true}), "");
    for (const char* name : {"mixed", "elsewhere", ""}) {
      const auto address = std::string{name} + ":80";
      const auto line = refusal_of({.setting = "http.listen", .address = address, .loopback_only = true});
      EXPECT_NE(line.find("has an address off loopback, "), std::string::npos) << line;
    }
  }));
}

/// Of four ports all but one are taken, each on another address.
TEST(BindAll, FindsAPortThatIsFreeOnAllAddresses) {
  EXPECT_TRUE(on_own_host({.hosts = kBoth, .ports = "40000 40003"}, [] {
    std::vector<BoundPlace> taken;
    taken.push_back(*bind_all({"127.0.0.2", 40000}));
    taken.push_back(*bind_all({"127.0.0.3", 40001}));
    taken.push_back(*bind_all({"127.0.0.1", 40003}));
    const auto bound = bind_all({"many", 0});
    ASSERT_TRUE(bound) << bound.error();
    EXPECT_EQ(texts_of(*bound), (std::vector<std::string>{"127.0.0.1:40002", "127.0.0.2:40002", "127.0.0.3:40002"}));
    EXPECT_EQ(bound->place.text(), "many:40002");
    const auto another = bind_all({"many", 0});
    ASSERT_FALSE(another);
    EXPECT_NE(another.error().find("Address already in use"), std::string::npos) << another.error();
  }));
}

TEST(HeldAddress, HoldsOnePortOnAllAddresses) {
  EXPECT_TRUE(on_own_host({.hosts = kBoth, .ports = "40000 40001"}, [] {
    const HeldAddress first{"localhost:0"};
    const HeldAddress second{"localhost:0"};
    EXPECT_EQ((std::set<std::string>{first.text(), second.text()}),
              (std::set<std::string>{"localhost:40000", "localhost:40001"}));
    EXPECT_EQ(HeldAddress{"localhost:0"}.text(), "localhost:0") << "no port is left";
    LineLogger log;
    EXPECT_EQ(listen_on({"http.listen", first.text()}, log).sockets.size(), 2U);
  }));
}

}  // namespace
}  // namespace danwa::net
