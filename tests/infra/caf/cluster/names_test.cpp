#include <gtest/gtest.h>

#include "infra/caf/cluster/test_node.hpp"
#include "support/own_network.hpp"

namespace danwa::caf {
namespace {

using tests::on_own_host;

constexpr const char* kHosts =
    "127.0.0.1 localhost\n::1 localhost\n127.0.0.1 all\n127.0.0.2 all\n127.0.0.3 all\n127.0.0.1 mixed\n192.0.2.1 "
    "mixed\n";

ClusterOptions named_node(const std::string& name, const std::string& listen, std::vector<std::string> seeds = {}) {
  ClusterOptions options;
  options.name = name;
  options.listen = listen;
  options.seeds = std::move(seeds);
  options.secret = "secret";
  return options;
}

TEST(ClusterNames, ANodeListensOnEveryAddressOfItsName) {
  EXPECT_TRUE(on_own_host({.hosts = kHosts}, [] {
    TestNode one{named_node("node-1", "localhost:7000")};
    EXPECT_EQ(one.address(), "localhost:7000");
    TestNode two{named_node("node-2", "127.0.0.2:7000", {"127.0.0.1:7000"})};
    TestNode three{named_node("node-3", "127.0.0.3:7000", {"[::1]:7000"})};
    EXPECT_TRUE(eventually([&] { return one.sees_up("node-2") && one.sees_up("node-3") && two.sees_up("node-3"); }));
  }));
}

TEST(ClusterNames, ASeedIsFoundAtAnyAddressOfItsName) {
  EXPECT_TRUE(on_own_host({.hosts = kHosts}, [] {
    TestNode one{named_node("node-1", "127.0.0.3:7000")};
    TestNode two{named_node("node-2", "127.0.0.1:0", {"all:7000"})};
    EXPECT_TRUE(eventually([&] { return one.sees_up("node-2") && two.sees_up("node-1"); }));
  }));
}

TEST(ClusterNames, OneNameOfAllNodesIsSeedEnough) {
  EXPECT_TRUE(on_own_host({.hosts = kHosts}, [] {
    TestNode one{named_node("node-1", "127.0.0.1:7000", {"all:7000"})};
    TestNode two{named_node("node-2", "127.0.0.2:7000", {"all:7000"})};
    TestNode three{named_node("node-3", "127.0.0.3:7000", {"all:7000"})};
    EXPECT_TRUE(eventually([&] { return one.sees_up("node-2") && one.sees_up("node-3") && two.sees_up("node-3"); }));
  }));
}

TEST(ClusterNames, ANameWithAnAddressOffLoopbackNeedsATrustedNetwork) {
  EXPECT_TRUE(on_own_host({.hosts = kHosts}, [] {
    try {
      TestNode one{named_node("node-1", "mixed:0")};
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string{error.what()}.find("is not loopback"), std::string::npos) << error.what();
    }
  }));
}

}  // namespace
}  // namespace danwa::caf
