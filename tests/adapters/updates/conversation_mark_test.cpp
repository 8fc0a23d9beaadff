#include "adapters/updates/update_json.hpp"

#include <gtest/gtest.h>

#include "support/comments.hpp"

namespace danwa::adapters {
namespace {

using Mark = usecase::UpdateLog::ConversationMark;

TEST(ConversationMark, ReadsWhatItWrites) {
  for (const Mark& mark :
       {Mark{.place = 0}, Mark{.place = domain::kMaxSeq}, Mark{.place = 17, .before = tests::at(1'700'000'000'123)}}) {
    EXPECT_EQ(parse_conversation_mark(to_text(mark)), mark) << to_text(mark);
  }
  EXPECT_EQ(to_text({.place = 17}), "p17");
  EXPECT_EQ(to_text({.place = 17, .before = tests::at(1'700'000'000'123)}), "p17-1700000000123");
}

TEST(ConversationMark, ReadsATimeToo) {
  const auto parsed = parse_conversation_mark("2023-11-14T22:13:20.123Z");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, Mark{.before = tests::at(1'700'000'000'123)});
}

TEST(ConversationMark, ReadsTheFormOfFormerPages) {
  for (const char* text : {"1700000000123:lobby", "1700000000123:a:b", "1700000000123: ", "1700000000123:\xC3\xA9%"}) {
    EXPECT_EQ(parse_conversation_mark(text), Mark{.before = tests::at(1'700'000'000'124)}) << text;
  }
  EXPECT_TRUE(parse_conversation_mark("9223372036854775807:a"));
}

TEST(ConversationMark, IsNothingElse) {
  for (const char* text : {"",
                           ":",
                           "1",
                           "1:",
                           ":a",
                           "x:a",
                           "-1:a",
                           "1:.",
                           "1:\x01",
                           "99999999999999999999:a",
                           "2023-11-14T22:13:20+01:00",
                           "1:\xFF",
                           "p",
                           "p-",
                           "px",
                           "p1x",
                           "p-1",
                           "p1-",
                           "p1-x",
                           "p1--1",
                           "P1",
                           "p 1",
                           "p99999999999999999999",
                           "p1-2-3"}) {
    EXPECT_FALSE(parse_conversation_mark(text)) << text;
  }
}

}  // namespace
}  // namespace danwa::adapters
