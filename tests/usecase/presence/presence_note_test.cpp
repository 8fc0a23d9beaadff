#include "usecase/presence/presence_table.hpp"

#include <gtest/gtest.h>

#include "people.hpp"

namespace danwa::presence {
namespace {

using namespace tests;

constexpr auto kDelta = PresenceNoteKind::delta;

TEST(PresenceNote, IsATextWithOneLinePerConversation) {
  const PresenceNote note{{kDelta, "node-3", 8113, 17},
                          {in("lobby", "carol")},
                          {in("lobby", "alice"), in("lobby", "bob"), in("söme key", "bob")}};
  EXPECT_EQ(encode(note),
            "1 delta node-3 8113 17\n- acme:conversation:lobby carol\n+ acme:conversation:lobby alice bob\n"
            "+ acme:conversation:s%C3%B6me%20key bob");
}

TEST(PresenceNote, IsReadAsItWasWritten) {
  const PresenceNote sent{{kDelta, "node 3", 1, 0}, {in("a", "x")}, {in("a", "y"), in("b", "y")}};
  const auto read = decode_presence(encode(sent));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->head.node, "node 3");
  EXPECT_EQ(read->left, sent.left);
  EXPECT_EQ(read->came, sent.came);
  for (const char* text : {"1 beat n 5 18", "1 want n 5 0", "1 snapshot n 5 18 1 2", "1 bye n 5"}) {
    const auto note = decode_presence(text);
    ASSERT_TRUE(note) << text;
    EXPECT_EQ(encode(*note), text);
  }
}

TEST(PresenceNote, AnythingElseIsRefused) {
  for (const char* text : {
           "",
           "2 beat n 5 18",
           "1 cheer n 5 18",
           "1 beat n 5",
           "1 beat n 5 18 ",
           "1 beat n 5 18 19",
           "1 beat n 5 018",
           "1 beat n -5 18",
           "1 beat n 9223372036854775808 18",
           "1 beat  5 18",
           "1 beat n%2 5 18",
           "1 beat %6E 5 18",
           "1 beat n 5 18\n",
           "1 beat n 5 18\n+ acme:conversation:lobby alice",
           "1 bye n 5 18",
           "1 snapshot n 5 18 2 2",
           "1 snapshot n 5 18 0 0",
           "1 snapshot n 5 18 0 16385",
           "1 snapshot n 5 18 0 1\n- acme:conversation:lobby alice",
           "1 delta n 5 18\n* acme:conversation:lobby alice",
           "1 delta n 5 18\n+ acme:conversation:lobby",
           "1 delta n 5 18\n+ acme:conversation:lobby ",
           "1 delta n 5 18\n+ acme:user:bob alice",
           "1 delta n 5 18\n+ acme:conversation:.. alice",
           "1 delta n 5 18\n+ acme:conversation:lobby al%00ice",
           "1 delta n 5 18\n+ acme:conversation:lobby al%FFice",
           "1 delta n 5 18\n+ acme:conversation:lobby bob alice",
           "1 delta n 5 18\n+ acme:conversation:lobby bob bob",
           "1 delta n 5 18\n+ acme:conversation:lobby alice\n+ acme:conversation:lobby bob",
           "1 delta n 5 18\n+ acme:conversation:b x\n+ acme:conversation:a x",
           "1 delta n 5 18\n+ acme:conversation:a x\n- acme:conversation:a y",
       }) {
    EXPECT_FALSE(decode_presence(text)) << text;
  }
  const std::string long_name(256, 'n');
  EXPECT_FALSE(decode_presence("1 beat " + long_name + " 5 18"));
}

TEST(PresenceNote, IsAtMost64KiBLong) {
  PresenceLines lines;
  constexpr int kPeople = 20'000;
  for (int i = 0; i < kPeople; ++i) lines.came(in("room", "person-" + std::to_string(100'000 + i)));
  const auto texts = lines.take();
  EXPECT_GT(texts.size(), 2U);
  std::size_t people = 0;
  for (const auto& text : texts) {
    const std::string note = encode({kDelta, std::string(255, '\xC3'), INT64_MAX, INT64_MAX}, text);
    EXPECT_LE(note.size(), kMaxPresenceNote);
    const auto read = decode_presence(note);
    ASSERT_TRUE(read);
    people += read->came.size();
  }
  EXPECT_EQ(people, std::size_t{kPeople});
  EXPECT_FALSE(decode_presence(encode({kDelta, "n", 1, 1}, std::string(kMaxPresenceNote, 'x'))));
}

}  // namespace
}  // namespace danwa::presence
