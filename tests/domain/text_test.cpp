#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "domain/account/ids.hpp"
#include "domain/comment/comment.hpp"
#include "domain/core/keys.hpp"
#include "domain/core/text.hpp"

namespace danwa::domain {
namespace {

std::string code_of(const auto& result) { return result ? "" : result.error().first().code; }

std::string repeat(std::string_view unit, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += unit;
  return text;
}

TEST(Utf8, CountsCodePointsNotBytes) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("abc"), 3U);
  EXPECT_EQ(count_code_points("談話"), 2U);
  EXPECT_EQ(count_code_points("\xF0\x9F\x98\x80"), 1U);
}

TEST(Utf8, RefusesWhatUnicodeTable37Refuses) {
  for (const std::string_view bad :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFF", "\xE2\x82", "\xF0\x9F\x98", "a\xC3", "\xC3(", "\xE2\x28\xA1"}) {
    EXPECT_EQ(count_code_points(bad), std::nullopt) << testing::PrintToString(bad);
  }
}

TEST(Utf8, AcceptsTheEdgesOfEveryRange) {
  for (const std::string_view good : {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                                      "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(count_code_points(good), 1U) << testing::PrintToString(good);
  }
}

TEST(Utf8, KnowsC0DelAndC1AsControls) {
  EXPECT_TRUE(has_control_character("a\nb"));
  EXPECT_TRUE(has_control_character("\x7F"));
  EXPECT_TRUE(has_control_character("\xC2\x85"));
  EXPECT_FALSE(has_control_character("\xC2\xA0 plain 談話"));
}

TEST(ConversationKey, TakesOneTo254CodePoints) {
  EXPECT_EQ(code_of(ConversationKey::parse("")), "conversationKey-empty");
  EXPECT_TRUE(ConversationKey::parse("k"));
  EXPECT_TRUE(ConversationKey::parse(repeat("話", 254)));
  EXPECT_EQ(code_of(ConversationKey::parse(repeat("話", 255))), "conversationKey-too-long");
}

TEST(ConversationKey, RefusesDotSegmentsAndControls) {
  EXPECT_EQ(code_of(ConversationKey::parse(".")), "conversationKey-dot-segment");
  EXPECT_EQ(code_of(ConversationKey::parse("..")), "conversationKey-dot-segment");
  EXPECT_TRUE(ConversationKey::parse("..."));
  EXPECT_EQ(code_of(ConversationKey::parse("a\tb")), "conversationKey-control-character");
  EXPECT_EQ(code_of(ConversationKey::parse(std::string("a\0b", 3))), "conversationKey-control-character");
  EXPECT_EQ(code_of(ConversationKey::parse("\xFF")), "conversationKey-invalid-utf8");
}

TEST(ConversationKey, DoesNotNormaliseUnicode) {
  EXPECT_NE(*ConversationKey::parse("\xC3\xA9"), *ConversationKey::parse("e\xCC\x81"));
}

TEST(CommentContent, TakesOneToTheConfiguredNumberOfCodePoints) {
  EXPECT_EQ(code_of(CommentContent::parse("")), "content-empty");
  EXPECT_TRUE(CommentContent::parse(repeat("\xF0\x9F\x98\x80", 4000)));
  EXPECT_EQ(code_of(CommentContent::parse(repeat("a", 4001))), "content-too-long");
  EXPECT_EQ(code_of(CommentContent::parse("abc", 2)), "content-too-long");
}

TEST(CommentContent, AllowsLineBreaksButNoNul) {
  EXPECT_TRUE(CommentContent::parse("two\nlines\tand a tab"));
  EXPECT_EQ(code_of(CommentContent::parse(std::string("\0", 1))), "content-control-character");
}

TEST(UserId, NamesItsFieldInErrors) {
  const auto result = UserId::parse("");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().first().kind, ErrorKind::validation);
  EXPECT_EQ(result.error().first().resource, "user");
}

}  // namespace
}  // namespace danwa::domain
