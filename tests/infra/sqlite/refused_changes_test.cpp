#include "support/refused_changes.hpp"

#include <gtest/gtest.h>

#include "infra/sqlite/node.hpp"
#include "support/temporary_directory.hpp"

namespace danwa::tests {
namespace {

TEST(SqliteChannels, HaveNoRowUntilSomethingIsWritten) {
  const TemporaryDirectory directory;
  const std::string path = directory.file("danwa.db");
  Node node{{.master_path = path, .full_sync = false}};
  have_all_changes_refused(node.storage);
  EXPECT_EQ(
      query_text(path, "SELECT group_concat(kind || ' ' || key, ', ') FROM (SELECT * FROM channels ORDER BY kind)"),
      "0 lobby, 1 ann");
}

}  // namespace
}  // namespace danwa::tests
