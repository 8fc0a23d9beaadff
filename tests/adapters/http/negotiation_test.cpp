#include <gtest/gtest.h>

#include <array>

#include "adapters/http/bearer.hpp"
#include "adapters/http/conditional.hpp"
#include "adapters/http/negotiation.hpp"
#include "adapters/http/requests.hpp"
#include "adapters/protocol/http/fields.hpp"

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
      {"application/json;version=1", json},
      {"text/event-stream;version=1, application/json;q=0.9", stream},
      {"application/json;profile=\"a;q=0\"", json},
      {"text/event-stream ; q=0.5 , application/json ; q=0.1", stream},
      {"text/event-stream;Q=0.5, application/json;q=0.1", stream},
      {"text/event-stream;q=1.000, application/json;q=0.999", stream},
      {"text/event-stream;q=1.001", ""},
      {"text/event-stream;q=0.0001", ""},
      {"text/event-stream;q=0.5;extension=1, application/json;q=0.6", json},
      {",, text/event-stream ,", stream},
      {"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", json},
      {"text/event-stream;q", ""},
  };
  for (const auto& [accept, type] : cases) EXPECT_EQ(chosen(accept), type) << accept;
}

/// The quality that the examples of RFC 9110 section 12.5.1 give a type, told by what it wins against: of two
/// offers the first is chosen only when the client thinks as much of it.
int quality(const std::string& accept, const std::string& type) {
  for (int thousandths = 1000; thousandths > 0; thousandths -= 100) {
    const auto yardstick = "x/y;q=0." + std::to_string(thousandths).substr(0, 1);
    const std::array<std::string_view, 2> offered{type, "x/y"};
    const auto list = accept + ", " + (thousandths == 1000 ? "x/y" : yardstick);
    if (choose_media_type(with({{"accept", list}}), offered) == type) return thousandths;
  }
  return 0;
}

TEST(Accept, GivesTheQualitiesOfTheStandardsExamples) {
  const std::string first =
      "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5";
  EXPECT_EQ(quality(first, "text/plain;format=flowed"), 1000);
  EXPECT_EQ(quality(first, "text/plain"), 700);
  EXPECT_EQ(quality(first, "text/html"), 300);
  EXPECT_EQ(quality(first, "image/jpeg"), 500);
  EXPECT_EQ(quality(first, "text/plain;format=fixed"), 400);
  EXPECT_EQ(quality(first, "text/html;level=3"), 300);
  const std::string levels = "text/*;q=0.3, text/html;q=0.7, text/html;level=1, text/html;level=2;q=0.4, */*;q=0.5";
  EXPECT_EQ(quality(levels, "text/html;level=1"), 1000);
  EXPECT_EQ(quality(levels, "text/html"), 700);
  EXPECT_EQ(quality(levels, "text/plain"), 300);
  EXPECT_EQ(quality(levels, "image/jpeg"), 500);
  EXPECT_EQ(quality(levels, "text/html;level=2"), 400);
  EXPECT_EQ(quality(levels, "text/html;level=3"), 700);
}

TEST(Accept, PrefersJsonUnlessTheStreamIsAskedFor) {
  const auto of = [](const Headers& headers) {
    constexpr std::array<std::string_view, 2> kOffered{"application/json", "text/event-stream"};
    return choose_media_type(with(headers), kOffered);
  };
  EXPECT_EQ(of({}), "application/json");
  EXPECT_EQ(of({{"accept", "*/*"}}), "application/json");
  EXPECT_EQ(of({{"accept", "text/html"}}), "");
  EXPECT_EQ(of({{"accept", "text/event-stream"}}), "text/event-stream");
  EXPECT_EQ(of({{"accept", "text/html"}, {"accept", "text/event-stream"}}), "text/event-stream");
  EXPECT_EQ(of({{"accept", ""}, {"accept", "text/event-stream"}}), "text/event-stream");
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

std::string tags_of(const Headers& headers, const std::string& etag = "\"3\"") {
  const auto condition = TagCondition::read(with(headers), "if-match");
  if (!condition) return "none";
  if (condition->malformed()) return "malformed";
  return condition->any() ? "any" : condition->names(etag) ? "names it" : "others";
}

TEST(Etag, ReadsTagsAsTheyAreSent) {
  EXPECT_EQ(to_etag(3), "\"3\"");
  EXPECT_EQ(tags_of({}), "none");
  for (const auto* value : {"*", " * "}) EXPECT_EQ(tags_of({{"if-match", value}}), "any") << value;
  for (const auto* value : {"\"3\"", "W/\"3\"", "\"9\", \"3\"", "\"3\",\"9\"", ",, \"9\" ,W/\"3\",", "\"a,b\", \"3\"",
                            "\"back\\\", \"3\"", "\"\", \"3\"", "\"\xc3\xa4\", \"3\""}) {
    EXPECT_EQ(tags_of({{"if-match", value}}), "names it") << value;
  }
  EXPECT_EQ(tags_of({{"if-match", "\"9\""}, {"if-match", "\"3\""}}), "names it");
  for (const auto* value : {"\"abc\"", "\"33\"", "\"03\"", "\"\"", "\"18446744073709551616\"", "\"2\", \"4\""}) {
    EXPECT_EQ(tags_of({{"if-match", value}}), "others") << value;
  }
  EXPECT_EQ(tags_of({{"if-match", "\"xyzzy\", \"r2d2xxxx\", \"c3piozzzz\""}}, "\"r2d2xxxx\""), "names it")
      << "the example of RFC 9110 section 13.1.1";
}

TEST(Etag, TellsWhatIsMalformed) {
  for (const auto* value : {"", "3", "\"3", "3\"", "\"", "W/3", "w/\"3\"", "W/ \"3\"", "\"3\" \"4\"", "\"3\", *",
                            "*, *", ",", "\"a b\"", "\"3\"x", "'3'"}) {
    EXPECT_EQ(tags_of({{"if-match", value}}), "malformed") << value;
  }
  EXPECT_EQ(tags_of({{"if-match", "*"}, {"if-match", "\"3\""}}), "malformed");
}

TEST(HttpDate, IsFixed) {
  using namespace std::chrono;
  EXPECT_EQ(to_http_date(domain::Timestamp{sys_days{1994y / 11 / 6} + 8h + 49min + 37s}),
            "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(to_http_date(domain::Timestamp{sys_days{2026y / 2 / 28} + 23h + 59min + 59s + 999ms}),
            "Sat, 28 Feb 2026 23:59:59 GMT");
}

TEST(HttpDate, IsReadInItsThreeForms) {
  using namespace std::chrono;
  const domain::Timestamp expected{sys_days{1994y / 11 / 6} + 8h + 49min + 37s};
  for (const auto* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    EXPECT_EQ(parse_http_date(text), expected) << text;
  }
  EXPECT_EQ(parse_http_date("Mon, 29 Feb 2016 23:59:60 GMT"), (domain::Timestamp{sys_days{2016y / 3 / 1}}));
  for (const auto* text :
       {"", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 31 Feb 2026 00:00:00 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ", "06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"}) {
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace danwa::adapters::http
