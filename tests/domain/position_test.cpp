#include "domain/channel/cursor.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>

namespace danwa::domain {
namespace {

TEST(PositionText, IsReadBackAsItWasWritten) {
  EXPECT_TRUE(rc::check([](std::uint64_t number) {
    const Position position{"0123456789abcdef", number};
    const auto read = Position::parse(position.to_string());
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == position);
  }));
}

TEST(PositionText, HoldsAllOf64Bits) {
  EXPECT_EQ(Position::parse("e.18446744073709551615")->number, UINT64_MAX);
  EXPECT_EQ(Position::parse("e.0")->number, 0U);
}

TEST(PositionText, IsRefusedByNameWhenItIsNone) {
  for (const char* text : {"", ".", "e", "e.", ".1", "e.-1", "e.+1", "e. 1", "e.1 ", "e.1.2", "e:1", "E.1", "e/.1",
                           "e.0x1", "e.1e3", "e.18446744073709551616", "e.99999999999999999999999", "1", "\xff.1"}) {
    const auto refused = Position::parse(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().first().code, "position-invalid") << text;
    EXPECT_EQ(refused.error().first().resource, "Danwa-Position") << text;
    EXPECT_EQ(refused.error().first().kind, ErrorKind::malformed) << text;
  }
  EXPECT_FALSE(Position::parse(std::string(65, 'e') + ".1"));
  EXPECT_TRUE(Position::parse(std::string(64, 'e') + ".1"));
}

TEST(PositionOrder, CoversWhatIsNotAboveInTheSameEpoch) {
  const Position at{"e", 7};
  EXPECT_TRUE(at.covers({"e", 7}));
  EXPECT_TRUE(at.covers({"e", 6}));
  EXPECT_FALSE(at.covers({"e", 8}));
  EXPECT_FALSE(at.covers({"f", 1}));
}

TEST(SeenPositions, KeepTheHighestOfTheEpochThatWasToldLast) {
  SeenPosition seen;
  EXPECT_EQ(seen.latest(), std::nullopt);
  seen.saw({"e", 7});
  seen.saw({"e", 5});
  EXPECT_EQ(seen.latest(), (Position{"e", 7}));
  seen.saw({"e", 8});
  EXPECT_EQ(seen.latest(), (Position{"e", 8}));
  seen.saw({"f", 2});
  EXPECT_EQ(seen.latest(), (Position{"f", 2}));
}

}  // namespace
}  // namespace danwa::domain
