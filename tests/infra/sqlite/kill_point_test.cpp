#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "infra/sqlite/child_process.hpp"
#include "infra/sqlite/failpoint.hpp"
#include "infra/sqlite/node.hpp"
#include "support/temporary_directory.hpp"

// A node is killed at named places; what it has acknowledged by then must be there, once, in order.
namespace danwa::tests {
namespace {

constexpr std::uint64_t kPosts = 400;

sqlite::SqliteOptions options(const std::string& path) {
  return {.master_path = path, .checkpoint_bytes = 256U << 10U, .forced_bytes = 1U << 20U};
}

/// Runs in a program of its own, which `KillPoint` starts: posts, and notes each acknowledgement in a file.
TEST(KilledNode, PostsUntilItIsKilled) {
  const char* asked = std::getenv("DANWA_TEST_DATABASE");
  if (asked == nullptr) return;  // not the program that is to die
  const std::string path = asked;
  const int acknowledged = ::open((path + ".acknowledged").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  Node node{options(path)};
  for (std::uint64_t n = 1; n <= kPosts; ++n) {
    const auto added = node.storage.add(comment(n, std::string(1500, 'x')));
    if (added && ::write(acknowledged, "+", 1) != 1) return;
  }
}

struct Place {
  const char* name;
  const char* hit;
};

class KillPoint : public testing::TestWithParam<Place> {
 protected:
  /// Starts this program again for the test above; the answer is as `ChildProcess::wait`'s.
  int run_node() {
    ChildProcess node{[&] {
      ::setenv("DANWA_FAILPOINT", GetParam().name, 1);
      ::setenv("DANWA_FAILPOINT_AT", GetParam().hit, 1);
      ::setenv("DANWA_TEST_DATABASE", path_.c_str(), 1);
      ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
      ::unsetenv("GTEST_OUTPUT");
      ::execl("/proc/self/exe", "node", "--gtest_filter=KilledNode.PostsUntilItIsKilled", nullptr);
      return 127;
    }};
    return node.wait();
  }

  std::uint64_t acknowledged() const {
    std::ifstream file{path_ + ".acknowledged", std::ios::ate};
    return file ? static_cast<std::uint64_t>(file.tellg()) : 0;
  }

  TemporaryDirectory directory_;
  std::string path_ = directory_.file("danwa.db");
};

TEST_P(KillPoint, LosesNothingThatWasAcknowledged) {
  if (!sqlite::has_failpoints()) GTEST_SKIP() << "built without failpoints";
  ASSERT_EQ(run_node(), -SIGKILL);
  Node node{options(path_)};
  const auto head = node.storage.head()->seq;
  EXPECT_GE(head, acknowledged());
  EXPECT_LE(head, acknowledged() + 1);  // one may have been under way
  const auto page = node.storage.read(1, kPosts);
  ASSERT_EQ(page->updates.size(), head);
  for (std::uint64_t n = 1; n <= head; ++n) {
    EXPECT_EQ(page->updates[n - 1].seq, n);
    EXPECT_EQ(std::get<domain::CommentAdded>(page->updates[n - 1].body).comment, comment_id(n));
    EXPECT_EQ(node.storage.find(comment_id(n))->seq, n);
  }
  EXPECT_EQ(node.storage.add(comment(kPosts + 1))->comment.seq, head + 1);
  EXPECT_EQ(query_text(path_, "PRAGMA integrity_check"), "ok");
}

INSTANTIATE_TEST_SUITE_P(
    Named, KillPoint,
    testing::Values(Place{"in-migration", "1"}, Place{"in-migration", "2"}, Place{"before-begin", "1"},
                    Place{"before-begin", "9"}, Place{"after-comment-row", "1"}, Place{"after-comment-row", "30"},
                    Place{"after-update-row", "1"}, Place{"after-update-row", "30"}, Place{"before-commit", "1"},
                    Place{"before-commit", "30"}, Place{"after-commit", "1"}, Place{"after-commit", "30"},
                    Place{"in-checkpoint", "1"}, Place{"in-checkpoint", "2"}, Place{"in-checkpoint", "5"}));

}  // namespace
}  // namespace danwa::tests
