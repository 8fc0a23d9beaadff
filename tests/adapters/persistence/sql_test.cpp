#include "adapters/persistence/rows.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace danwa::adapters {
namespace {

TEST(Sql, TakesTheNumbersOfEnumsIntoTheStatement) {
  constexpr auto* kStatement = kSql<"type = # OR type = # OR kind = #", UpdateType::added_and_removed,
                                    UpdateType::notification, domain::ChannelKind::conversation>;
  EXPECT_EQ(std::string_view{kStatement}, "type = 3 OR type = 7 OR kind = 0");
}

TEST(Sql, LeavesATextWithoutNumbersAsItIs) { EXPECT_EQ(std::string_view{kSql<"SELECT 1">}, "SELECT 1"); }

}  // namespace
}  // namespace danwa::adapters
