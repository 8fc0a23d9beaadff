#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "domain/channel/channel_key.hpp"
#include "domain/channel/cursor.hpp"
#include "domain/core/text.hpp"
#include "domain/core/time.hpp"
#include "domain/core/uuid.hpp"

namespace danwa::domain {
namespace {

TEST(Percent, EncodesEverythingButUnreserved) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a:b/ *%"), "a%3Ab%2F%20%2A%25");
}

TEST(Percent, RefusesAnIncompleteEscape) {
  for (const auto* bad : {"%", "a%4", "%zz", "%4g"}) EXPECT_FALSE(percent_decode(bad)) << bad;
  EXPECT_EQ(percent_decode("%2f%2F"), "//");
}

RC_GTEST_PROP(Percent, DecodesWhatItEncoded, (const std::string& text)) {
  RC_ASSERT(percent_decode(percent_encode(text)) == text);
}

TEST(ChannelKey, SplitsAgainWhateverItsPartsHold) {
  const ChannelKey key{CompanyId::trusted("a:b"), ChannelKind::store, "x:conversation:%"};
  EXPECT_EQ(key.to_string(), "a%3Ab:store:x%3Aconversation%3A%25");
  EXPECT_EQ(ChannelKey::parse(key.to_string()), key);
}

TEST(ChannelKey, RefusesForeignText) {
  for (const auto* bad : {"", "a", "a:user", "a:room:x", ":user:x", "a:user:", "a:user:%z", "%ff:user:x"}) {
    EXPECT_FALSE(ChannelKey::parse(bad)) << bad;
  }
}

TEST(ChannelKey, KindsAndCompaniesAreDistinct) {
  const ChannelKey user{CompanyId::trusted("a"), ChannelKind::user, "x"};
  const ChannelKey store{CompanyId::trusted("a"), ChannelKind::store, "x"};
  const ChannelKey other{CompanyId::trusted("b"), ChannelKind::user, "x"};
  EXPECT_NE(user, store);
  EXPECT_NE(user, other);
}

TEST(Cursor, ReadsABareSeqAndAnEpochWithSeq) {
  EXPECT_EQ(Cursor::parse("0")->seq, 0U);
  EXPECT_EQ(Cursor::parse("17"), (Cursor{std::nullopt, 17}));
  EXPECT_EQ(Cursor::parse("0a1b:17"), (Cursor{"0a1b", 17}));
  EXPECT_EQ(Cursor::parse("9223372036854775807")->seq, kMaxSeq);
}

TEST(Cursor, RefusesEverythingElse) {
  for (const auto* bad : {"", ":", "-1", "+1", "1 ", " 1", "1.0", "0x1", "abc:", ":1", "a:b:1", "A:1",
                          "9223372036854775808", "99999999999999999999999", "a b:1"}) {
    const auto cursor = Cursor::parse(bad);
    ASSERT_FALSE(cursor) << bad;
    EXPECT_EQ(cursor.error().first().code, "after-invalid");
    EXPECT_EQ(cursor.error().first().kind, ErrorKind::malformed);
  }
}

TEST(Cursor, WritesWhatItReads) {
  EXPECT_EQ((Cursor{"ab", 3}).to_string(), "ab:3");
  EXPECT_EQ((Cursor{std::nullopt, 3}).to_string(), "3");
}

TEST(Uuid, ReadsTheCanonicalFormInBothCases) {
  const auto id = Uuid::parse("018F0000-abcd-7000-8000-0123456789AB");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->to_string(), "018f0000-abcd-7000-8000-0123456789ab");
}

TEST(Uuid, RefusesEverythingElse) {
  for (const auto* bad : {"", "018f0000-abcd-7000-8000-0123456789a", "018f0000-abcd-7000-8000-0123456789abc",
                          "018f0000abcd-7000-8000-0123456789abcd", "018g0000-abcd-7000-8000-0123456789ab",
                          "{18f0000-abcd-7000-8000-0123456789ab"}) {
    EXPECT_FALSE(Uuid::parse(bad)) << bad;
  }
}

TEST(Time, IsRfc3339InUtcWithMilliseconds) {
  using namespace std::chrono;
  const Timestamp time{sys_days{year{2026} / 11 / 2} + hours{9} + minutes{8} + seconds{7} + milliseconds{6}};
  EXPECT_EQ(to_rfc3339(time), "2026-11-02T09:08:07.006Z");
  EXPECT_EQ(to_rfc3339(Timestamp{}), "1970-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace danwa::domain
