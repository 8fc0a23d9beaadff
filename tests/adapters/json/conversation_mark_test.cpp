#include "adapters/json/conversation_mark.hpp"

#include <gtest/gtest.h>

#include "support/comments.hpp"

namespace danwa::adapters {
namespace {

using Mark = usecase::UpdateLog::ConversationMark;

TEST(ConversationMark, ReadsWhatItWrites) {
  for (const char* key : {"lobby", "a:b", "12:34", " ", "\xC3\xA9%20+&"}) {
    const Mark mark{tests::at(1'700'000'000'123), tests::conversation(key)};
    const auto parsed = parse_conversation_mark(to_text(mark));
    ASSERT_TRUE(parsed) << key;
    EXPECT_EQ(parsed->last_activity, mark.last_activity);
    EXPECT_EQ(parsed->key, mark.key);
  }
  EXPECT_EQ(to_text({tests::at(1'700'000'000'123), tests::conversation("a:b")}), "1700000000123:a:b");
}

TEST(ConversationMark, ReadsATimeToo) {
  const auto parsed = parse_conversation_mark("2023-11-14T22:13:20.123Z");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->last_activity, tests::at(1'700'000'000'123));
  EXPECT_FALSE(parsed->key);
}

TEST(ConversationMark, IsNothingElse) {
  for (const char* text : {"", ":", "1", "1:", ":a", "x:a", "-1:a", "1:.", "1:\x01", "99999999999999999999:a",
                           "2023-11-14T22:13:20+01:00", "1:\xFF"}) {
    EXPECT_FALSE(parse_conversation_mark(text)) << text;
  }
}

}  // namespace
}  // namespace danwa::adapters
