#include "support/refused_changes.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "infra/postgres/postgres_node.hpp"

namespace danwa::tests {
namespace {

TEST(PostgresChannels, HaveNoRowUntilSomethingIsWritten) {
  const OwnDatabase own;
  PostgresNode node{own};
  have_all_changes_refused(node.storage);
  EXPECT_EQ(own.ask("SELECT string_agg(kind || ' ' || key, ', ' ORDER BY kind) FROM channels"), "0 lobby, 1 ann");
}

TEST(PostgresChannels, AreMadeOnceByNodesThatWriteOrAreRefusedAtOnce) {
  const OwnDatabase own;
  PostgresNode one{own};
  PostgresNode two{own};
  const auto never = [](const Storage::Rooms::AccessContext&) -> domain::Result<void> {
    return domain::fail(domain::forbidden("not-granted", "", "No."));
  };
  std::thread refused{[&] {
    for (int n = 1; n <= 50; ++n) {
      const auto room = conversation("room-" + std::to_string(n));
      EXPECT_FALSE(two.storage.join(two.storage.by(user(), room), user("bob"), never));
    }
  }};
  for (std::uint64_t n = 2; n <= 50; n += 2) EXPECT_TRUE(one.storage.add(comment_in(n, "room-" + std::to_string(n))));
  refused.join();
  EXPECT_EQ(own.ask("SELECT count(*) FROM channels"), "25");
  EXPECT_EQ(own.ask("SELECT count(*) FROM channels WHERE head <> 1"), "0");
}

}  // namespace
}  // namespace danwa::tests
