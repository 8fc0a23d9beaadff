#include "infra/postgres/script.hpp"

#include <gtest/gtest.h>

#include "support/comments.hpp"

namespace danwa::tests {
namespace {

using postgres::Array;
using postgres::Values;

TEST(PostgresArray, QuotesTexts) {
  EXPECT_EQ(Array{}.text(), "{}");
  EXPECT_EQ(Array{}.add(std::string{"a"}).add(std::string{}).add(std::string{"NULL"}).text(), R"({"a","","NULL"})");
  EXPECT_EQ(Array{}.add(std::string{R"(say "no" \ {})"}).text(), R"({"say \"no\" \\ {}"})");
}

TEST(PostgresArray, HoldsNumbersIdsAndTimes) {
  EXPECT_EQ(Array{}.add(-5).add(std::uint64_t{7}).text(), "{-5,7}");
  EXPECT_EQ(Array{}.add(at(9)).text(), "{9}");
  EXPECT_EQ(Array{}.add(comment_id(1).value).text(), "{00000000-0000-0001-0000-000000000000}");
}

TEST(PostgresArray, TellsAnAbsentTextFromAnEmptyOneWithoutNull) {
  const std::string* none = nullptr;
  const std::string word{"NULL"};
  EXPECT_EQ(Array{}.add(none).add(&word).text(), R"({"","=NULL"})");
  EXPECT_EQ(Array{}.add(std::optional<std::string>{}).add(std::optional{std::string{}}).text(), R"({"","="})");
}

TEST(PostgresValues, ArePointersToTextsOrNull) {
  const std::string* none = nullptr;
  const auto values = Values{}.add(1).add(none).add(std::string{"x"});
  const auto pointers = values.pointers();
  ASSERT_EQ(pointers.size(), 3U);
  EXPECT_STREQ(pointers[0], "1");
  EXPECT_EQ(pointers[1], nullptr);
  EXPECT_STREQ(pointers[2], "x");
}

}  // namespace
}  // namespace danwa::tests
