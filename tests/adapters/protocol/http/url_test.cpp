#include "adapters/protocol/http/request_target.hpp"

#include <gtest/gtest.h>

namespace danwa::adapters::http {
namespace {

using Segments = std::vector<std::string>;
using Query = std::vector<std::pair<std::string, std::string>>;

std::string refusal_of(std::string_view target) {
  const auto url = parse_url(target);
  return url ? "" : std::string{url.error().code};
}

TEST(Url, SplitsThePathBeforeDecoding) {
  EXPECT_EQ(parse_url("/v1/conversations/a%2Fb%20c/comments")->segments,
            (Segments{"v1", "conversations", "a/b c", "comments"}));
  EXPECT_EQ(parse_url("/%E2%82%AC")->segments, (Segments{"\xe2\x82\xac"}));
  EXPECT_EQ(parse_url("/a+b")->segments, (Segments{"a+b"})) << "a plus is itself in a path";
}

TEST(Url, KeepsEmptySegments) {
  EXPECT_EQ(parse_url("/")->segments, Segments{});
  EXPECT_EQ(parse_url("/?x")->segments, Segments{});
  EXPECT_EQ(parse_url("/a/")->segments, (Segments{"a", ""}));
  EXPECT_EQ(parse_url("//")->segments, (Segments{"", ""}));
  EXPECT_EQ(parse_url("/a//b")->segments, (Segments{"a", "", "b"}));
}

TEST(Url, RefusesMalformedPathsAlike) {
  for (const auto* target : {"/%",      "/%z",     "/%zz",       "/a%2",      "/%2",        "/%%20",         "/%0",
                             "/%00",    "/a%00b",  "/%0d%0aX:y", "/%0A",      "/%7F",       "/%C2%80",       "/..",
                             "/.",      "/../etc", "/a/../b",    "/%2e%2e/x", "/%2E./x",    "/.%2e",         "/%2e",
                             "/%c0%ae", "/%c0%af", "/%ff",       "/%e2%82",   "/%ed%a0%80", "/%f4%90%80%80", "/%80"}) {
    EXPECT_EQ(refusal_of(target), "path-invalid") << target;
  }
}

TEST(Url, TakesWhatOnlyLooksLikeTraversal) {
  for (const auto* target :
       {"/...", "/..a", "/a..", "/%2e%2e%2e", "/..%2fetc", "/%2e%2e%2f", "/%252e%252e", "/..;/a", "/..%5c", "/a/.b"}) {
    EXPECT_EQ(refusal_of(target), "") << target;
  }
}

TEST(Url, TakesThousandsOfSegments) {
  std::string target;
  for (int i = 0; i < 3500; ++i) target += "/a";
  EXPECT_EQ(parse_url(target)->segments.size(), 3500U);
}

TEST(Url, ReadsTheQuery) {
  EXPECT_EQ(parse_url("/?a=1&b=x%3Dy&c&d=&=e&&f=a+b%2B")->query,
            (Query{{"a", "1"}, {"b", "x=y"}, {"c", ""}, {"d", ""}, {"", "e"}, {"f", "a b+"}}));
  EXPECT_EQ(parse_url("/")->query, Query{});
  EXPECT_EQ(parse_url("/?")->query, Query{});
  EXPECT_EQ(parse_url("/?a=b?c/d")->query, (Query{{"a", "b?c/d"}}));
  EXPECT_EQ(parse_url("/?a=b=c")->query, (Query{{"a", "b=c"}}));
  EXPECT_EQ(parse_url("/?a+b=1")->query, (Query{{"a b", "1"}}));
}

TEST(Url, RefusesAMalformedQuery) {
  for (const auto* target : {"/?a=%", "/?a=%zz", "/?%=1", "/?a=%ff", "/?a=%c0%80", "/?a=1&b=%2"}) {
    EXPECT_EQ(refusal_of(target), "query-invalid") << target;
  }
}

TEST(Url, TakesEveryControlCharacterInAQueryAndNoneInAPath) {
  for (int byte = 0; byte < 0x80; byte = byte == 0x1F ? 0x7F : byte + 1) {
    const char digits[] = {'%', "01234567"[byte / 16], "0123456789abcdef"[byte % 16], '\0'};
    const auto url = parse_url("/?q=a" + std::string{digits} + "b&" + digits + "=1");
    ASSERT_TRUE(url) << digits;
    const std::string decoded(1, static_cast<char>(byte));
    EXPECT_EQ(url->query, (Query{{"q", "a" + decoded + "b"}, {decoded, "1"}})) << digits;
    EXPECT_EQ(refusal_of("/" + std::string{digits}), "path-invalid") << digits;
  }
  EXPECT_TRUE(parse_url("/?q=%c2%85")) << "a C1 control";
}

TEST(Url, RefusesAPathWithoutSlash) {
  EXPECT_EQ(refusal_of(""), "path-invalid");
  EXPECT_EQ(refusal_of("a"), "path-invalid");
  EXPECT_EQ(refusal_of("?a"), "path-invalid");
}

}  // namespace
}  // namespace danwa::adapters::http
