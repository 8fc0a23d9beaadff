#include <gtest/gtest.h>

#include <future>
#include <vector>

#include "infra/postgres/postgres_node.hpp"

// A role, a pooler or the server may grant fewer connections than a node wants.
namespace danwa::tests {
namespace {

using namespace std::chrono_literals;
using Read = domain::Result<usecase::UpdateLog::Page>;

class PostgresFewConnections : public testing::Test {
 protected:
  PostgresFewConnections() {
    own_.ask("CREATE ROLE " + role_ + " LOGIN");
    own_.ask("GRANT ALL ON SCHEMA public TO " + role_);
    own_.ask("GRANT ALL ON ALL TABLES IN SCHEMA public TO " + role_);
    own_.ask("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO " + role_);
    own_.ask("GRANT ALL ON ALL FUNCTIONS IN SCHEMA public TO " + role_);
    own_.ask("GRANT " + role_ + " TO danwa");
  }
  ~PostgresFewConnections() override { own_.ask("ALTER ROLE " + role_ + " CONNECTION LIMIT -1"); }
  void limit(int connections) { own_.ask("ALTER ROLE " + role_ + " CONNECTION LIMIT " + std::to_string(connections)); }
  std::string url() const {
    return "postgres:///" + own_.name() + "?host=" + shared_primary().directory() + "&user=" + role_;
  }
  static std::vector<std::future<Read>> start_reads(PostgresNode& node, int count) {
    std::vector<std::future<Read>> reads;
    for (int n = 0; n < count; ++n) {
      reads.push_back(node.storage.thread().start(
          node.database.log().read(domain::ChannelKey::conversation(company(), conversation()), 1, domain::kMaxSeq, 100,
                                   usecase::ReadFrom::master)));
    }
    return reads;
  }

  const OwnDatabase own_;
  const std::string role_ = own_.name() + "_few";
};

TEST_F(PostgresFewConnections, ReadsWaitForThoseThatThereAre) {
  PostgresNode node{postgres::PostgresOptions{.master = url(), .connections = 8}};
  ASSERT_TRUE(node.storage.add(comment(1)));
  limit(4);  // for the writer, the log tail, the upkeep that a node begins with, and one read at least
  for (int round = 0; round < 5; ++round) {
    auto reads = start_reads(node, 12);
    for (auto& read : reads) {
      const auto page = read.get();
      ASSERT_TRUE(page) << page.error().first().code;
      EXPECT_EQ(page->updates.size(), 1u);
    }
  }
  EXPECT_TRUE(node.database.healthy());
  EXPECT_TRUE(wait_for([&] { return node.logger.has("database.connections-short"); })) << "the log says so";
  EXPECT_TRUE(node.storage.add(comment(2))) << "and posts go on";
}

TEST_F(PostgresFewConnections, WithNoneReadsAreAnsweredInTimeAndTheNodeIsNotReadyUntilThereIsOne) {
  PostgresNode node{postgres::PostgresOptions{.master = url()}};
  ASSERT_TRUE(node.storage.add(comment(1)));
  limit(1);  // the one that writes
  const auto before = std::chrono::steady_clock::now();
  for (auto& read : start_reads(node, 12)) {
    const auto page = read.get();
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().first().kind, domain::ErrorKind::unavailable);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, 3s);
  EXPECT_FALSE(node.database.healthy());
  limit(-1);
  EXPECT_TRUE(wait_for([&] { return node.database.healthy(); })) << "it looks for itself";
  EXPECT_TRUE(node.storage.read(1, 9));
}

TEST_F(PostgresFewConnections, ALostConnectionLeavesItsReadToAnotherOne) {
  PostgresNode node{postgres::PostgresOptions{.master = url()}};
  ASSERT_TRUE(node.storage.add(comment(1)));
  for (int round = 0; round < 5; ++round) {
    for (auto& read : start_reads(node, 8)) ASSERT_TRUE(read.get());
    own_.ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '" + role_ + "'");
    for (auto& read : start_reads(node, 8)) {
      const auto page = read.get();
      EXPECT_TRUE(page) << page.error().first().code;
    }
    ASSERT_TRUE(
        wait_for([&] { return node.storage.add(comment(100 + static_cast<std::uint64_t>(round))).has_value(); }));
  }
}

}  // namespace
}  // namespace danwa::tests
