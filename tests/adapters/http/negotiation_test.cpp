#include <gtest/gtest.h>

#include <array>

#include "adapters/http/accept.hpp"
#include "adapters/http/bearer.hpp"
#include "adapters/http/etag.hpp"
#include "adapters/http/http_date.hpp"
#include "adapters/http/origin_check.hpp"
#include "adapters/http/requests.hpp"

namespace danwa::adapters::http {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

Request with(Headers headers) { return make_request("GET", "/", std::move(headers)); }

std::string chosen(const std::string& accept) {
  constexpr std::array<std::string_view, 2> kOffered{"application/json", "text/event-stream"};
  return std::string{choose_media_type(with({{"accept", accept}}), kOffered)};
}

TEST(Accept, ChoosesByQualityThenByOffer) {
  const std::string json = "application/json";
  const std::string stream = "text/event-stream";
  const std::pair<std::string, std::string> cases[] = {
      {"", json},
      {"*/*", json},
      {"text/event-stream", stream},
      {"TEXT/Event-Stream", stream},
      {"text/*", stream},
      {"application/json", json},
      {"text/event-stream, application/json", json},
      {"text/event-stream, */*", json},
      {"text/event-stream, */*;q=0.1", stream},
      {"application/json;q=0.5, text/event-stream;q=0.9", stream},
      {"application/json;q=0.9, text/event-stream;q=0.5", json},
      {"application/json;q=0, */*", stream},
      {"*/*;q=0.8, text/event-stream;q=0.5", json},
      {"text/event-stream;q=0.000, */*;q=0.001", json},
      {"text/event-stream; charset=utf-8", stream},
      {"text/html", ""},
      {"text/event-stream;q=0", ""},
      {"text/event-stream;q=2", ""},
      {"text/event-stream;q=x", ""},
      {"garbage", ""},
      {"text/html;x=\"a,text/event-stream\"", ""},
  };
  for (const auto& [accept, type] : cases) EXPECT_EQ(chosen(accept), type) << accept;
}

TEST(Accept, PrefersJsonUnlessTheStreamIsAskedFor) {
  EXPECT_FALSE(prefers_event_stream(with({})));
  EXPECT_FALSE(prefers_event_stream(with({{"accept", "*/*"}})));
  EXPECT_FALSE(prefers_event_stream(with({{"accept", "text/html"}})));
  EXPECT_TRUE(prefers_event_stream(with({{"accept", "text/event-stream"}})));
  EXPECT_TRUE(prefers_event_stream(with({{"accept", "text/html"}, {"accept", "text/event-stream"}})));
}

std::string token_of(const Request& request) {
  const auto token = bearer_token(request);
  if (!token) return "error " + token.error().first().code;
  return token->value_or("none");
}

TEST(Bearer, TakesTheTokenFromItsThreePlaces) {
  EXPECT_EQ(token_of(with({})), "none");
  EXPECT_EQ(token_of(with({{"authorization", "Bearer a.b-c"}})), "a.b-c");
  EXPECT_EQ(token_of(with({{"authorization", "bEARER   abc"}})), "abc");
  EXPECT_EQ(token_of(with({{"sec-websocket-protocol", "danwa.v1, bearer.abc"}})), "abc");
  EXPECT_EQ(token_of(with({{"sec-websocket-protocol", "danwa.v1"}, {"sec-websocket-protocol", "bearer.abc"}})), "abc");
  EXPECT_EQ(token_of(make_request("GET", "/?access_token=abc")), "abc");
  EXPECT_EQ(token_of(with({{"cookie", "access_token=abc"}})), "none") << "a cookie proves nothing";
}

TEST(Bearer, AnotherSchemeHidesNoToken) {
  for (const auto* other : {"Basic YTpi", "Negotiate abc", "Digest username=\"a\", realm=\"b\"", "basic", "", "abc"}) {
    const std::pair<std::string, std::string> scheme{"authorization", other};
    EXPECT_EQ(token_of(with({scheme, {"sec-websocket-protocol", "danwa.v1, bearer.abc"}})), "abc") << other;
    EXPECT_EQ(token_of(make_request("GET", "/?access_token=abc", {scheme})), "abc") << other;
    EXPECT_EQ(token_of(make_request("GET", "/?access_token=a&access_token=b", {scheme})), "error token-invalid");
    EXPECT_EQ(token_of(make_request("GET", "/?access_token=a", {scheme, {"sec-websocket-protocol", "bearer.a"}})),
              "error token-invalid")
        << "two tokens are two, whatever stands beside them";
    EXPECT_TRUE(find_bearer(with({scheme}))->other_scheme) << other;
  }
}

TEST(Bearer, RefusesEverythingElseAlike) {
  for (const auto* value : {"", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Bearer a,b", "abc", "Bearerabc",
                            "Bearer \"a\"", "Bearer \xc3\xa4"}) {
    EXPECT_EQ(token_of(with({{"authorization", value}})), "error token-invalid") << value;
  }
  EXPECT_EQ(token_of(with({{"authorization", "Bearer a"}, {"authorization", "Bearer a"}})), "error token-invalid");
  EXPECT_EQ(token_of(with({{"authorization", "Bearer a"}, {"authorization", "Basic b"}})), "error token-invalid");
  EXPECT_EQ(token_of(make_request("GET", "/?access_token=a", {{"authorization", "Bearer a"}})), "error token-invalid");
  EXPECT_EQ(token_of(make_request("GET", "/?access_token=a&access_token=b")), "error token-invalid");
  EXPECT_EQ(token_of(make_request("GET", "/?access_token=")), "error token-invalid");
  EXPECT_EQ(token_of(with({{"sec-websocket-protocol", "bearer."}})), "error token-invalid");
  EXPECT_EQ(token_of(with({{"sec-websocket-protocol", "bearer.a, bearer.b"}})), "error token-invalid");
}

TEST(Bearer, KnowsItsSubprotocol) {
  EXPECT_TRUE(offers_subprotocol(with({{"sec-websocket-protocol", "x, danwa.v1"}})));
  EXPECT_FALSE(offers_subprotocol(with({{"sec-websocket-protocol", "danwa.v2"}})));
  EXPECT_FALSE(offers_subprotocol(with({})));
}

TEST(Etag, ReadsTheVersionOfIfMatch) {
  EXPECT_EQ(to_etag(3), "\"3\"");
  EXPECT_EQ(if_match(with({})).value(), std::nullopt);
  EXPECT_EQ(if_match(with({{"if-match", "*"}})).value(), std::nullopt);
  EXPECT_EQ(if_match(with({{"if-match", "\"3\""}})).value(), 3U);
  EXPECT_EQ(if_match(with({{"if-match", "\"abc\""}})).value(), 0U) << "no entity has it";
  EXPECT_EQ(if_match(with({{"if-match", "W/\"3\""}})).value(), 0U) << "a weak tag never matches strongly";
  EXPECT_EQ(if_match(with({{"if-match", "\"18446744073709551616\""}})).value(), 0U);
}

TEST(Etag, RefusesAMalformedIfMatch) {
  for (const auto* value : {"", "3", "\"3", "3\"", "\"3\", \"4\"", "\"", "W/3"}) {
    const auto version = if_match(with({{"if-match", value}}));
    ASSERT_FALSE(version) << value;
    EXPECT_EQ(version.error().first().code, "if-match-invalid");
  }
  EXPECT_FALSE(if_match(with({{"if-match", "\"3\""}, {"if-match", "\"4\""}})));
}

TEST(Etag, ComparesWeaklyForNoneMatch) {
  EXPECT_TRUE(none_match_hits(with({{"if-none-match", "\"a\", W/\"b\""}}), "\"b\""));
  EXPECT_TRUE(none_match_hits(with({{"if-none-match", "*"}}), "\"b\""));
  EXPECT_FALSE(none_match_hits(with({{"if-none-match", "\"a\""}}), "\"b\""));
  EXPECT_FALSE(none_match_hits(with({}), "\"b\""));
}

int refused(const std::string& host, const std::string& origin) {
  const std::vector<std::string> hosts{"localhost", "127.0.0.1", "[::1]", "danwa.example:443"};
  const std::vector<std::string> origins{"http://localhost", "https://app.example", "http://[::1]"};
  Headers headers{{"host", host}};
  if (!origin.empty()) headers.emplace_back("origin", origin);
  const auto response = check_origin(with(headers), hosts, origins);
  return response ? response->status : 0;
}

TEST(OriginCheck, AnswersItsHostsOnly) {
  for (const auto* host :
       {"localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:8080", "danwa.example:443"}) {
    EXPECT_EQ(refused(host, ""), 0) << host;
  }
  for (const auto* host :
       {"evil.example", "danwa.example", "danwa.example:80", "localhost.evil.example", "127.0.0.2", "[::2]", ""}) {
    EXPECT_EQ(refused(host, ""), 421) << host;
  }
}

TEST(OriginCheck, AnswersItsOriginsOnly) {
  for (const auto* origin : {"http://localhost", "http://localhost:3000", "https://app.example", "http://[::1]:3000",
                             "http://127.0.0.1:8080"}) {
    EXPECT_EQ(refused("127.0.0.1:8080", origin), 0) << origin;
  }
  for (const auto* origin : {"http://evil.example", "null", "https://localhost", "http://127.0.0.1:81",
                             "http://localhost.evil.example", "https://app.example.evil", "file://"}) {
    EXPECT_EQ(refused("127.0.0.1:8080", origin), 403) << origin;
  }
}

TEST(OriginCheck, LetsEverybodyInWithoutLists) {
  EXPECT_FALSE(check_origin(with({{"host", "x"}, {"origin", "http://y"}}), {}, {}));
}

TEST(HttpDate, IsFixed) {
  using namespace std::chrono;
  EXPECT_EQ(to_http_date(domain::Timestamp{sys_days{1994y / 11 / 6} + 8h + 49min + 37s}),
            "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(to_http_date(domain::Timestamp{sys_days{2026y / 2 / 28} + 23h + 59min + 59s + 999ms}),
            "Sat, 28 Feb 2026 23:59:59 GMT");
}

}  // namespace
}  // namespace danwa::adapters::http
