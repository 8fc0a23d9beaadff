#include <gtest/gtest.h>

#include <chrono>

#include "adapters/protocol/graphql/language.hpp"

namespace danwa::adapters::graphql {
namespace {

std::string times(std::size_t count, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

/// The text with `#` replaced by the number.
std::string numbered(std::string text, std::size_t number) {
  for (auto at = text.find('#'); at != std::string::npos; at = text.find('#'))
    text.replace(at, 1, std::to_string(number));
  return text;
}

std::string refusal(std::string_view text, const ParseLimits& limits = {}) {
  const auto document = parse(text, limits);
  return document ? "accepted" : document.error().front().code;
}

constexpr ParseLimits kRoomy{.max_bytes = 10'000'000, .max_tokens = 10'000'000, .max_depth = 32};

TEST(GraphqlLimits, DepthEndsBeforeAnythingRecurses) {
  for (const auto* open : {"{a", "{a(b:[", "{a(b:{c:", "query($v:[", "{a(b:", "{...on A", "[", "("}) {
    EXPECT_EQ(refusal(times(100'000, open), kRoomy), "graphql-limit") << open;
  }
  EXPECT_EQ(refusal("query($v:" + times(100'000, "[") + ") {a}", kRoomy), "graphql-limit");
  EXPECT_EQ(refusal("{a(b:" + times(100'000, "[") + times(100'000, "]") + ")}", kRoomy), "graphql-limit");
  EXPECT_EQ(refusal(times(32, "{a") + times(32, "}")), "accepted");
  EXPECT_EQ(refusal(times(33, "{a") + times(33, "}")), "graphql-limit");
}

TEST(GraphqlLimits, ClosingBracketsDoNotBuyDepth) {
  EXPECT_EQ(refusal(times(100, "}") + times(33, "{a")), "graphql-limit");
}

TEST(GraphqlLimits, TokensAndBytesAreCounted) {
  EXPECT_EQ(refusal("{" + times(1998, "a ") + "}"), "accepted");
  EXPECT_EQ(refusal("{" + times(1999, "a ") + "}"), "graphql-limit");
  EXPECT_EQ(refusal(times(100'000, "!"), {.max_bytes = 1'000'000}), "graphql-limit");
  EXPECT_EQ(refusal("{a(b: \"" + std::string(64 * 1024, 'x') + "\")}"), "graphql-limit");
  EXPECT_EQ(refusal("{a(b: \"" + std::string(60 * 1024, 'x') + "\")}"), "accepted");
  EXPECT_EQ(refusal("{a}" + std::string(60 * 1024, ',')), "accepted");
}

TEST(GraphqlLimits, StringBombsAreLinear) {
  EXPECT_EQ(refusal("{a(b: \"" + times(9000, "\\u0041") + "\")}"), "accepted");
  EXPECT_EQ(refusal("{a(b: \"" + times(32'000, "\\")), "graphql-syntax");
  EXPECT_EQ(refusal("{a(b: " + times(60'000, "\"")), "graphql-limit");
  EXPECT_EQ(refusal("{a(b: \"\"\"" + times(16'000, "\\\"\"\"") + "\"\"\")}"), "accepted");
  EXPECT_EQ(refusal("{a(b: \"\"\"" + times(30'000, " \n") + "\"\"\")}"), "accepted");
}

/// What `validate` refuses first, and that it took no more than a moment.
std::string validated(const std::string& text) {
  const auto document = parse(text);
  if (!document) return document.error().front().code;
  const auto start = std::chrono::steady_clock::now();
  const auto errors = validate(pets(), *document);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds{5});
  return errors.empty() ? "" : errors.front().code;
}

TEST(GraphqlLimits, ManyEqualFieldsAreComparedOnceEach) {
  EXPECT_EQ(validated("{" + times(1900, "dog ") + "}"), "graphql-validation");
  EXPECT_EQ(validated("{dog {" + times(1900, "name ") + "}}"), "");
  EXPECT_EQ(validated("{" + times(450, "dog{name}") + "}"), "");
  EXPECT_EQ(validated("{arguments{" + times(300, "intArgField(intArg:1)") + "}}"), "");
}

TEST(GraphqlLimits, FragmentsThatDoubleDoNotExplode) {
  std::string text = "{dog{...F0}}";
  for (std::size_t i = 0; i < 60; ++i) text += numbered("fragment F# on Dog{a:mother{...G#}b:mother{...G#}}", i);
  for (std::size_t i = 0; i < 60; ++i) {
    text += numbered("fragment G# on Dog{", i) + numbered(i == 59 ? "name}" : "...F#}", i + 1);
  }
  EXPECT_EQ(validated(text), "");
}

TEST(GraphqlLimits, FieldsThatLieInEverOtherCompanyEndAtTheBound) {
  std::string text = "{dog{...F0}} fragment Many on Dog{" + times(500, "name ") + "}";
  for (std::size_t i = 0; i < 100; ++i)
    text += numbered("fragment F# on Dog{...Many mother{", i) + numbered("...F#}}", i + 1);
  EXPECT_EQ(validated(text + "fragment F100 on Dog{name}"), "graphql-limit");
}

TEST(GraphqlLimits, AliasesCannotMultiplyTheAnswer) {
  const std::string body(10'000, 'x');
  const Resolvers resolvers{{"Query.dog", always({{"name", "x"}, {"nickname", body}})}};
  std::string text = "{dog{";
  for (std::size_t i = 0; i < 600; ++i) text += numbered("a#:nickname ", i);
  const auto answer = ask(pets(), resolvers, text + "}}");
  EXPECT_EQ(first_code(answer), "graphql-limit");
  EXPECT_TRUE(answer["data"].is_null());
  const auto small = ask(pets(), resolvers, "{dog{a:nickname b:nickname}}");
  EXPECT_EQ(small["data"]["dog"]["b"].get<std::string>().size(), body.size());
}

TEST(GraphqlLimits, IntrospectionInCirclesEndsAtTheBound) {
  std::string text = "{__type(name:\"Query\"){...F0}}";
  for (std::size_t i = 0; i < 40; ++i) {
    text += numbered("fragment F# on __Type{" + times(8, "name ") + "fields{a:type{", i);
    text += i == 39 ? "name}}}" : numbered("...F#}b:type{...F#}}}", i + 1);
  }
  const auto answer = ask(pets(), {}, text);
  EXPECT_EQ(first_code(answer), "graphql-limit");
}

TEST(GraphqlLimits, RootFieldsAreCounted) {
  const Resolvers resolvers{{"Query.dog", always(nullptr)}};
  std::string text = "{";
  for (std::size_t i = 0; i < 17; ++i) text += numbered("d#:dog{name} ", i);
  const auto answer = ask(pets(), resolvers, text + "}");
  EXPECT_EQ(first_code(answer), "graphql-limit");
  EXPECT_FALSE(answer.contains("data"));
  EXPECT_EQ(ask(pets(), resolvers, "{" + times(30, "dog{name}") + "}").dump(), R"({"data":{"dog":null}})");
}

}  // namespace
}  // namespace danwa::adapters::graphql
