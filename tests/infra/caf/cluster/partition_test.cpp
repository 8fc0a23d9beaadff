#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "infra/caf/cluster/test_node.hpp"
#include "infra/caf/handshake.hpp"

namespace danwa::caf {
namespace {

using std::chrono::seconds;

bool shell(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

/// Drops packets of this network namespace by rule until it is destroyed.
class Cut {
 public:
  explicit Cut(const std::string& rule) {
    const std::string chain = "nft add chain inet cut in '{ type filter hook input priority 0; }'";
    works = shell("nft add table inet cut && " + chain + " && nft add rule inet cut in " + rule + " drop");
  }
  ~Cut() { shell("nft delete table inet cut"); }
  Cut(const Cut&) = delete;
  Cut& operator=(const Cut&) = delete;

  bool works = false;
};

std::string port_of(TestNode& node) { return std::to_string(Address::parse(node.address()).value().port); }

/// Runs in a network namespace of its own, see below.
void cut_and_heal() {
  TestNode one{"node-1"};
  TestNode two{"node-2", {one.address()}};
  const auto both_up = [&] { return one.sees_up("node-2") && two.sees_up("node-1"); };
  const auto both_down = [&] { return !one.sees_up("node-2") && !two.sees_up("node-1"); };
  ASSERT_TRUE(eventually(both_up));
  const std::string ports = "{ " + port_of(one) + ", " + port_of(two) + " }";
  for (const auto& rule : {std::string{"meta l4proto tcp"}, "tcp dport " + ports, "tcp sport " + ports}) {
    {
      const Cut cut{rule};
      ASSERT_TRUE(cut.works);
      EXPECT_TRUE(eventually(both_down, seconds{5})) << rule;
      std::this_thread::sleep_for(seconds{4});  // the length of the fault: back-offs reach their cap
    }
    EXPECT_TRUE(eventually(both_up, seconds{5})) << rule;
    one.send("room", 1);
    two.send("room", 1);
    EXPECT_TRUE(eventually([&] { return !one.seqs_of("room").empty() && !two.seqs_of("room").empty(); }));
  }
}

/// The test program, started again in the namespace, runs this instead of tests.
class InNamespace final : public testing::Environment {
 public:
  void SetUp() override {
    if (std::getenv("DANWA_CUT_CABLE") == nullptr) return;
    cut_and_heal();
    std::_Exit(testing::UnitTest::GetInstance()->Passed() ? 0 : 1);
  }
};
const auto* const kInNamespace = testing::AddGlobalTestEnvironment(new InNamespace);

TEST(ClusterFaults, ACutCableIsNoticedAndHealedWithinFiveSecondsEach) {
  if (::geteuid() != 0 || !shell("unshare --net nft list tables")) GTEST_SKIP() << "needs root and nft";
  const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string inside = "ip link set lo up && DANWA_CUT_CABLE=1 exec \"$0\" >&2";
  EXPECT_EQ(std::system(("env -u GTEST_OUTPUT unshare --net sh -c '" + inside + "' " + self).c_str()), 0);
}

}  // namespace
}  // namespace danwa::caf
