#include "adapters/http/request_reader.hpp"

#include <gtest/gtest.h>

namespace danwa::adapters::http {
namespace {

ParsedHead parse(std::string_view head) { return parse_head(guard_head(head, ReadLimits{}).value()); }

TEST(Head, LowersNamesAndTrimsValues) {
  const auto [request, framing, refusal] = parse("GET /a%20b?c=d HTTP/1.1\r\nHOST: x\r\nX-Thing: \t a  b \r\n\r\n");
  EXPECT_FALSE(refusal);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target, "/a%20b?c=d");
  EXPECT_EQ(request.path(), "/a%20b");
  EXPECT_EQ(request.segments, std::vector<std::string>{"a b"});
  EXPECT_EQ(request.query_value("c"), "d");
  EXPECT_EQ(request.header("host"), "x");
  EXPECT_EQ(request.header("x-thing"), "a  b");
  EXPECT_FALSE(request.http_1_0);
}

TEST(Head, TurnsAbsoluteFormOfTheOwnHostIntoOriginForm) {
  EXPECT_EQ(parse("GET http://a.example:80/b?c HTTP/1.1\r\nHost: A.example:80\r\n\r\n").request.target, "/b?c");
  EXPECT_EQ(parse("GET http://a.example HTTP/1.1\r\nHost: a.example\r\n\r\n").request.target, "/");
  EXPECT_EQ(parse("GET http://a.example?x HTTP/1.1\r\nHost: a.example\r\n\r\n").request.target, "/?x");
}

TEST(Head, TakesAbsoluteFormOfTheOwnHostHoweverItIsSpelt) {
  const std::pair<const char*, const char*> cases[] = {
      {"http://a.example/", "a.example:80"},   {"http://a.example:80/", "a.example"},
      {"https://a.example/", "a.example:443"}, {"https://a.example:443/", "A.EXAMPLE."},
      {"HTTP://a.example:/", "a.example"},     {"http://[::1]:80/", "[0:0::1]"},
  };
  for (const auto& [target, host] : cases) {
    const auto parsed = parse("GET " + std::string{target} + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    EXPECT_FALSE(parsed.refusal) << target << " for " << host;
    EXPECT_EQ(parsed.request.target, "/") << target;
  }
}

TEST(Head, TakesTheHostFromTheTargetOfHttp10) {
  const auto parsed = parse("GET http://127.0.0.1:8080/healthz HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(parsed.refusal);
  EXPECT_EQ(parsed.request.target, "/healthz");
  EXPECT_EQ(parsed.request.header("host"), "127.0.0.1:8080");
  EXPECT_FALSE(parse("GET /healthz HTTP/1.0\r\n\r\n").request.header("host"));
}

TEST(Head, MeansTheServerByAnAsterisk) {
  const auto parsed = parse("OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n");
  EXPECT_FALSE(parsed.refusal);
  EXPECT_TRUE(parsed.request.asks_for_server());
  EXPECT_FALSE(parse("OPTIONS / HTTP/1.1\r\nHost: a.example\r\n\r\n").request.asks_for_server());
}

TEST(Head, RefusesAbsoluteFormOfAnotherHost) {
  for (const auto* target :
       {"http://b.example/", "http://a.example:81/", "http://user@a.example/", "http:///x",
        "http://a.example@b.example/", "https://a.example:80/", "http://a.example:443/", "https://a.example.evil/"}) {
    const auto head = "GET " + std::string{target} + " HTTP/1.1\r\nHost: a.example\r\n\r\n";
    const auto parsed = parse(head);
    ASSERT_TRUE(parsed.refusal) << target;
    EXPECT_EQ(parsed.refusal->status, 421) << target;
  }
}

TEST(Head, AnswersABadPathWithoutBreakingTheFraming) {
  const auto parsed = parse("POST /%zz HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
  ASSERT_TRUE(parsed.refusal);
  EXPECT_EQ(parsed.refusal->status, 400);
  EXPECT_EQ(parsed.framing.content_length, 3U);
}

}  // namespace
}  // namespace danwa::adapters::http
