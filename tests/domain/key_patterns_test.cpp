#include "domain/account/credential.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "domain/core/text.hpp"

namespace danwa::domain {
namespace {

using Range = KeyPatterns::Range;

/// Longer than any key, of the greatest character.
std::string behind_all() {
  std::string out;
  for (int n = 0; n < 255; ++n) out += "\xF4\x8F\xBF\xBF";
  return out;
}

TEST(KeyPatterns, AreRangesOfKeys) {
  EXPECT_EQ(KeyPatterns{{"team-*"}}.ranges(), (std::vector{Range{"team-", "team."}}));
  EXPECT_EQ(KeyPatterns{{"lobby"}}.ranges(), (std::vector{Range{"lobby", "lobby\x01"}}));
  EXPECT_EQ(KeyPatterns{{"a*z"}}.ranges(), (std::vector{Range{"a", "b"}}));
  EXPECT_EQ(KeyPatterns{{"*"}}.ranges(), (std::vector{Range{"", behind_all()}}));
  EXPECT_TRUE(KeyPatterns{{}}.ranges().empty());
}

TEST(KeyPatterns, CountUpTheLastCharacterNotTheLastByte) {
  EXPECT_EQ(KeyPatterns{{"\xC3\xBF*"}}.ranges()[0].end, "\xC4\x80");
  EXPECT_EQ(KeyPatterns{{"a\x7F*"}}.ranges()[0].end, "a\xC2\x80");
  EXPECT_EQ(KeyPatterns{{"\xED\x9F\xBF*"}}.ranges()[0].end, "\xEE\x80\x80") << "no surrogate is well-formed";
  EXPECT_EQ(KeyPatterns{{"a\xF4\x8F\xBF\xBF*"}}.ranges()[0].end, "b");
  EXPECT_EQ(KeyPatterns{{"\xF4\x8F\xBF\xBF*"}}.ranges()[0].end, behind_all());
}

TEST(KeyPatterns, ThatOverlapAreOneRange) {
  EXPECT_EQ((KeyPatterns{{"team-a*", "team-*", "team-b"}}.ranges()), (std::vector{Range{"team-", "team."}}));
  EXPECT_EQ((KeyPatterns{{"b*", "*", "a"}}.ranges()), (std::vector{Range{"", behind_all()}}));
  EXPECT_EQ((KeyPatterns{{"b*", "a"}}.ranges()).size(), 2u);
}

// Every key that a pattern allows lies in exactly one range, whose bounds are well-formed.
TEST(KeyPatterns, LeaveNoAllowedKeyOutOfTheirRanges) {
  const std::vector<std::string> alphabet{"a", "b", "-", "~", "\xC3\xBF", "\xE2\x82\xAC", "\xF4\x8F\xBF\xBF"};
  std::mt19937 random{3};
  const auto text = [&](bool stars) {
    std::string out;
    for (auto length = random() % 4; length > 0; --length) {
      out += stars && random() % 3 == 0 ? "*" : alphabet[random() % alphabet.size()];
    }
    return out;
  };
  std::size_t allowed = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::vector<std::string> patterns;
    for (auto count = random() % 4; count > 0; --count) patterns.push_back(text(true));
    const KeyPatterns known{patterns};
    for (const auto& range : known.ranges()) {
      ASSERT_TRUE(count_code_points(range.end)) << range.end;
    }
    for (int n = 0; n < 20; ++n) {
      const auto key = text(false);
      if (key.empty() || !known.allow(key)) continue;
      ++allowed;
      std::size_t holding = 0;
      for (const auto& range : known.ranges()) {
        holding += range.first <= key && key < range.end ? 1 : 0;
      }
      ASSERT_EQ(holding, 1u) << key;
    }
  }
  EXPECT_GT(allowed, 1'000u);
}

}  // namespace
}  // namespace danwa::domain
