#include "adapters/http/conditional.hpp"

#include <gtest/gtest.h>

#include "adapters/http/requests.hpp"
#include "adapters/protocol/http/fields.hpp"

namespace danwa::adapters::http {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

const std::string kBefore = "Sun, 06 Nov 1994 08:49:36 GMT";
const std::string kDate = "Sun, 06 Nov 1994 08:49:37 GMT";
const std::string kAfter = "Sun, 06 Nov 1994 08:49:38 GMT";

/// Of version 3, changed within the second of kDate.
const Representation kVersion3{"\"3\"", *parse_http_date(kDate) + std::chrono::milliseconds{999}};

std::string outcome(const std::string& method, const Headers& headers,
                    const std::optional<Representation>& selected = kVersion3) {
  const auto conditions = Preconditions::read(make_request(method, "/", headers));
  if (!conditions) return conditions.error().first().code;
  switch (conditions->evaluate(selected)) {
    case Preconditions::Outcome::go_on:
      return "";
    case Preconditions::Outcome::not_modified:
      return "304";
    default:
      return "412";
  }
}

struct Case {
  Headers headers;
  std::string read;    // of a GET
  std::string change;  // of a DELETE
};

TEST(Preconditions, HoldInTheOrderOfTheStandard) {
  const std::string match = "if-match", none = "if-none-match", unmodified = "if-unmodified-since",
                    modified = "if-modified-since";
  const Case cases[] = {
      {{}, "", ""},
      {{{match, "*"}}, "", ""},
      {{{match, "\"3\""}}, "", ""},
      {{{match, "W/\"3\""}}, "", ""},
      {{{match, "\"9\", \"2\""}}, "412", "412"},
      {{{none, "*"}}, "304", "412"},
      {{{none, "\"3\""}}, "304", "412"},
      {{{none, "W/\"3\""}}, "304", "412"},
      {{{none, "\"9\", \"2\""}}, "", ""},
      {{{unmodified, kBefore}}, "412", "412"},
      {{{unmodified, kDate}}, "", ""},
      {{{unmodified, kAfter}}, "", ""},
      {{{unmodified, "yesterday"}}, "", ""},
      {{{unmodified, kBefore}, {unmodified, kBefore}}, "", ""},
      {{{modified, kBefore}}, "", ""},
      {{{modified, kDate}}, "304", ""},
      {{{modified, kAfter}}, "304", ""},
      {{{modified, "yesterday"}}, "", ""},
      {{{match, "\"3\""}, {unmodified, kBefore}}, "", ""},    // the tag decides, not the date
      {{{none, "\"2\""}, {modified, kAfter}}, "", ""},        // the same
      {{{match, "\"3\""}, {none, "\"3\""}}, "304", "412"},    // both are asked
      {{{match, "\"2\""}, {none, "\"3\""}}, "412", "412"},    // the first fails first
      {{{unmodified, kDate}, {modified, kDate}}, "304", ""},  // and by dates
      {{{none, "3"}}, "", "if-none-match-invalid"},
      {{{match, "3"}}, "if-match-invalid", "if-match-invalid"},
  };
  for (const auto& [headers, read, change] : cases) {
    std::string name;
    for (const auto& [header, value] : headers) name += header + ": " + value + "; ";
    EXPECT_EQ(outcome("GET", headers), read) << "GET " << name;
    EXPECT_EQ(outcome("HEAD", headers), read) << "HEAD " << name;
    for (const auto* method : {"PUT", "PATCH", "DELETE", "POST"}) {
      EXPECT_EQ(outcome(method, headers), change) << method << ' ' << name;
    }
  }
}

TEST(Preconditions, KnowWhatDoesNotExist) {
  EXPECT_EQ(outcome("PUT", {{"if-none-match", "*"}}, std::nullopt), "");
  EXPECT_EQ(outcome("PUT", {{"if-none-match", "\"3\""}}, std::nullopt), "");
  EXPECT_EQ(outcome("PUT", {{"if-match", "*"}}, std::nullopt), "412");
  EXPECT_EQ(outcome("PUT", {{"if-match", "\"3\""}}, std::nullopt), "412");
  EXPECT_EQ(outcome("PUT", {{"if-unmodified-since", kBefore}}, std::nullopt), "");
}

TEST(Preconditions, KnowWhatHasNoTagAndNoDate) {
  EXPECT_EQ(outcome("PUT", {{"if-none-match", "*"}}, Representation{}), "412");
  EXPECT_EQ(outcome("PUT", {{"if-match", "*"}}, Representation{}), "");
  EXPECT_EQ(outcome("PUT", {{"if-match", "\"3\""}}, Representation{}), "412");
  EXPECT_EQ(outcome("PUT", {{"if-unmodified-since", kBefore}}, Representation{}), "");
  EXPECT_EQ(outcome("GET", {{"if-modified-since", kAfter}}, Representation{}), "");
}

TEST(Preconditions, MakeA304OfTheHeadersOfThe200) {
  const auto answer = [](const Headers& headers, int status) {
    const auto conditions = Preconditions::read(make_request("GET", "/", headers));
    return apply_preconditions(conditions,
                               {.status = status,
                                .headers = {{"ETag", "\"3\""}, {"Cache-Control", "no-store"}, {"Vary", "Accept"}},
                                .content_type = "application/json",
                                .body = "{}"});
  };
  const auto unchanged = answer({{"if-none-match", "\"3\""}}, 200);
  EXPECT_EQ(unchanged.status, 304);
  EXPECT_EQ(*unchanged.header("ETag"), "\"3\"");
  EXPECT_EQ(*unchanged.header("Cache-Control"), "no-store");
  EXPECT_EQ(*unchanged.header("Vary"), "Accept");
  EXPECT_EQ(unchanged.content_type + unchanged.body, "");
  EXPECT_EQ(answer({{"if-match", "\"2\""}}, 200).status, 412);
  EXPECT_EQ(answer({{"if-match", "2"}}, 200).status, 400);
  EXPECT_EQ(answer({{"if-none-match", "\"2\""}}, 200).body, "{}");
  for (const int status : {401, 403, 404, 422, 503}) {
    EXPECT_EQ(answer({{"if-match", "\"2\""}}, status).status, status) << "comes before";
  }
}

TEST(Preconditions, AreLookedForInReadsAlone) {
  EXPECT_TRUE(is_conditional_read(make_request("GET", "/", {{"if-none-match", "*"}})));
  EXPECT_FALSE(is_conditional_read(make_request("GET", "/", {{"accept", "*/*"}})));
  EXPECT_FALSE(is_conditional_read(make_request("DELETE", "/", {{"if-none-match", "*"}})));
}

}  // namespace
}  // namespace danwa::adapters::http
