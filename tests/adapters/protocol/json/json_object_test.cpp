#include "adapters/protocol/json/json_reader.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace danwa::adapters {
namespace {

std::string nested(int depth) {
  return R"({"a":)" + std::string(static_cast<std::size_t>(depth - 1), '[') +
         std::string(static_cast<std::size_t>(depth - 1), ']') + "}";
}

TEST(JsonObject, ReadsStringsDecoded) {
  const auto object = read_json_object(R"( {"a\u0062":"x\n\"\\\/é😀\ud83d\ude00\u00e9"} )");
  ASSERT_TRUE(object);
  ASSERT_NE(object->find("ab"), nullptr);
  EXPECT_EQ(object->find("ab")->text, "x\n\"\\/é😀😀é");
}

TEST(JsonObject, KeepsTheKindOfEveryMember) {
  const auto object = read_json_object(R"({"a":null,"b":true,"c":1e999999,"d":"","e":[1],"f":{"a":1}})");
  ASSERT_TRUE(object);
  std::vector<JsonKind> kinds;
  for (const auto& member : object->members()) kinds.push_back(member.kind);
  EXPECT_EQ(kinds, (std::vector{JsonKind::null, JsonKind::boolean, JsonKind::number, JsonKind::string, JsonKind::array,
                                JsonKind::object}));
}

TEST(JsonObject, TakesANumberOfTenThousandDigits) {
  const auto object = read_json_object(R"({"content":)" + std::string(10'000, '9') + "}");
  ASSERT_TRUE(object);
  EXPECT_EQ(object->find("content")->kind, JsonKind::number);
}

TEST(JsonObject, AllowsThirtyTwoLevelsAndNotOneMore) {
  EXPECT_TRUE(read_json_object(nested(32)));
  EXPECT_FALSE(read_json_object(nested(33)));
}

TEST(JsonObject, RefusesTheDeepestTextThatFits) {
  EXPECT_FALSE(read_json_object(R"({"a":)" + std::string(60'000, '[')));
}

TEST(JsonObject, RefusesMoreBytesThanAllowed) {
  const std::string text = R"({"a":")" + std::string(64 * 1024, 'x') + "\"}";
  EXPECT_FALSE(read_json_object(text));
}

struct Bad {
  const char* name;
  std::string_view text;
  std::size_t offset;
};

class RefusedJson : public testing::TestWithParam<Bad> {};

TEST_P(RefusedJson, NamesTheByte) {
  const auto object = read_json_object(GetParam().text);
  ASSERT_FALSE(object);
  EXPECT_EQ(object.error().first().code, "invalid_json");
  EXPECT_EQ(object.error().first().kind, domain::ErrorKind::malformed);
  const std::string place = "at byte " + std::to_string(GetParam().offset) + ":";
  EXPECT_NE(object.error().first().message.find(place), std::string::npos) << object.error().first().message;
}

using namespace std::string_view_literals;
INSTANTIATE_TEST_SUITE_P(
    All, RefusedJson,
    testing::Values(Bad{"Empty", "", 0}, Bad{"Array", "[]", 0}, Bad{"Number", "1", 0},
                    Bad{"ByteOrderMark", "\xEF\xBB\xBF{}", 0}, Bad{"Trailing", "{} x", 3}, Bad{"TwoObjects", "{}{}", 2},
                    Bad{"TrailingNul", "{}\0"sv, 2}, Bad{"Cut", R"({"a":)", 5}, Bad{"CutString", R"({"a":"b)", 7},
                    Bad{"DuplicateName", R"({"a":1,"a":2})", 7}, Bad{"DuplicateByEscape", R"({"a":1,"\u0061":2})", 7},
                    Bad{"DuplicateInside", R"({"x":{"a":1,"a":2}})", 12}, Bad{"LoneHigh", R"({"a":"\ud800"})", 6},
                    Bad{"LoneLow", R"({"a":"x\udc00"})", 7}, Bad{"TwoHighs", R"({"a":"\ud800\ud800"})", 6},
                    Bad{"HighThenLetter", R"({"a":"\ud800x"})", 6}, Bad{"RawControl", "{\"a\":\"\n\"}", 6},
                    Bad{"BadUtf8", "{\"a\":\"\xC3\x28\"}", 6}, Bad{"Overlong", "{\"a\":\"\xC0\xAF\"}", 6},
                    Bad{"EncodedSurrogate", "{\"a\":\"\xED\xA0\x80\"}", 6}, Bad{"CutUtf8", "{\"a\":\"\xE2\x82", 6},
                    Bad{"NaN", R"({"a":NaN})", 5}, Bad{"Comment", "{/**/}", 1}, Bad{"SingleQuotes", "{'a':1}", 1},
                    Bad{"TrailingComma", R"({"a":1,})", 7}, Bad{"LeadingZero", R"({"a":01})", 6},
                    Bad{"Plus", R"({"a":+1})", 5}, Bad{"PointWithoutDigit", R"({"a":1.})", 7},
                    Bad{"BadEscape", R"({"a":"\x"})", 6}, Bad{"ShortUnicode", R"({"a":"\u12"})", 10},
                    Bad{"Utf16", "\xFF\xFE{\0}\0"sv, 0}));

TEST(JsonFields, GathersEveryFailure) {
  const auto object = read_json_object(R"({"content":[1],"clientRef":7})");
  ASSERT_TRUE(object);
  JsonFields fields{*object};
  EXPECT_FALSE(fields.required_text("content"));
  EXPECT_FALSE(fields.required_text("conversationKey"));
  EXPECT_FALSE(fields.optional_text("clientRef"));
  ASSERT_TRUE(fields.errors());
  std::vector<std::string> codes;
  for (const auto& error : fields.errors()->all()) codes.push_back(error.code);
  EXPECT_EQ(codes, (std::vector<std::string>{"content-wrong-type", "conversationKey-missing", "clientRef-wrong-type"}));
}

TEST(JsonFields, TakesNullForAnOptionalFieldOnly) {
  const auto object = read_json_object(R"({"a":null})");
  ASSERT_TRUE(object);
  JsonFields fields{*object};
  EXPECT_FALSE(fields.optional_text("a"));
  EXPECT_FALSE(fields.errors());
  EXPECT_FALSE(fields.required_text("a"));
  EXPECT_TRUE(fields.errors());
}

TEST(JsonFields, TellsLeftOutFromNull) {
  const auto object = read_json_object(R"({"a":null,"b":"x","c":7})");
  ASSERT_TRUE(object);
  JsonFields fields{*object};
  EXPECT_EQ(fields.nullable_text("none"), std::nullopt);
  const auto taken_away = fields.nullable_text("a");
  ASSERT_TRUE(taken_away);
  EXPECT_FALSE(*taken_away);
  EXPECT_EQ(fields.nullable_text("b").value(), "x");
  EXPECT_FALSE(fields.errors());
  EXPECT_EQ(fields.nullable_text("c"), std::nullopt);
  ASSERT_TRUE(fields.errors());
  EXPECT_EQ(fields.errors()->first().code, "c-wrong-type");
}

TEST(JsonFields, ReadsAnObjectInsideTheObject) {
  const auto object = read_json_object(R"({"to": {"user" : "b\u006fb", "deeper":{"x":[]}} ,"text":"{}"})");
  ASSERT_TRUE(object);
  JsonFields fields{*object};
  const auto inside = fields.required_object("to");
  ASSERT_TRUE(inside);
  EXPECT_EQ(inside->find("user")->text, "bob");
  EXPECT_FALSE(fields.errors());
  EXPECT_FALSE(fields.required_object("text"));
  EXPECT_FALSE(fields.required_object("none"));
  EXPECT_EQ(fields.errors()->all().size(), 2U);
}

/// Random edits of a good text: whatever we take, the library takes, too; and it sees the same strings.
TEST(JsonObject, NeverTakesWhatTheLibraryRefuses) {
  const std::string seed_text = R"({"content":"a\u00e9\n","n":[1.5e3,-0,{"x":null}],"key":"ключ","t":true})";
  static constexpr std::string_view kBytes = "{}[]\",:\\u0dDe+-.1 \n\xC3\xA9tfn";
  std::mt19937 random{20261122};
  int taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = seed_text;
    for (unsigned edits = random() % 4; edits > 0; --edits) {
      const auto at = random() % text.size();
      if (random() % 3 == 0)
        text.erase(at, 1);
      else if (random() % 2 == 0)
        text.insert(at, 1, kBytes[random() % kBytes.size()]);
      else
        text[at] = kBytes[random() % kBytes.size()];
    }
    const auto object = read_json_object(text);
    if (!object) continue;
    ++taken;
    const auto tree = nlohmann::json::parse(text, nullptr, false);
    ASSERT_FALSE(tree.is_discarded()) << text;
    for (const auto& member : object->members()) {
      if (member.kind != JsonKind::string) continue;
      ASSERT_EQ(tree.at(member.name).get<std::string>(), member.text) << text;
    }
  }
  EXPECT_GT(taken, 1000);
}

}  // namespace
}  // namespace danwa::adapters
