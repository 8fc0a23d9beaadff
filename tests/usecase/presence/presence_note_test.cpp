#include "usecase/presence/presence_note.hpp"

#include <gtest/gtest.h>

#include "people.hpp"

namespace danwa::presence {
namespace {

using namespace tests;

constexpr auto kDelta = PresenceNoteKind::delta;

TEST(PresenceNote, IsATextWithOneLinePerConversation) {
  const PresenceNote note{{kDelta, {"node-3", 8113}, 17, 4},
                          {.closed = {room("hall")},
                           .unwanted = {room("old")},
                           .left = {in("lobby", "carol")},
                           .wanted = {room("lobby"), room("new")},
                           .came = {in("lobby", "alice"), in("lobby", "bob"), in("söme key", "bob")}}};
  EXPECT_EQ(encode(note),
            "2 delta node-3 8113 17 4\nx acme:conversation:hall\n- acme:conversation:old\n"
            "- acme:conversation:lobby carol\n+ acme:conversation:lobby\n+ acme:conversation:new\n"
            "+ acme:conversation:lobby alice bob\n+ acme:conversation:s%C3%B6me%20key bob");
}

TEST(PresenceNote, IsReadAsItWasWritten) {
  const PresenceNote sent{{kDelta, {"node 3", 1}, 0, 9},
                          {.closed = {room("c")},
                           .unwanted = {room("d"), room("e")},
                           .left = {in("a", "x")},
                           .wanted = {room("a")},
                           .came = {in("a", "y"), in("b", "y")}}};
  const auto read = decode_presence(encode(sent));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->head.from, sent.head.from);
  EXPECT_EQ(read->head.heard, 9U);
  EXPECT_EQ(read->changes.closed, sent.changes.closed);
  EXPECT_EQ(read->changes.unwanted, sent.changes.unwanted);
  EXPECT_EQ(read->changes.left, sent.changes.left);
  EXPECT_EQ(read->changes.wanted, sent.changes.wanted);
  EXPECT_EQ(read->changes.came, sent.changes.came);
  for (const char* text :
       {"2 beat n 5", "2 beat n 5\n= a 1 0 0\n= a 2 18 4\n= b 1 3 3", "2 want n 5 0",
        "2 snapshot n 5 18 4 1 2\n+ acme:conversation:a\n+ acme:conversation:a x", "2 bye n 5", "2 delta n 5 0 0"}) {
    const auto note = decode_presence(text);
    ASSERT_TRUE(note) << text;
    EXPECT_EQ(encode(*note), text);
  }
}

TEST(PresenceNote, AnythingElseIsRefused) {
  for (const char* text : {
           "",
           "1 delta n 5 18\n+ acme:conversation:lobby alice",  // of the format before this one
           "1 bye n 5",
           "3 bye n 5",
           "2 cheer n 5",
           "2 beat n",
           "2 beat n 5 18",
           "2 beat n 5 ",
           "2 beat n 05",
           "2 beat n -5",
           "2 beat n 9223372036854775808",
           "2 beat  5",
           "2 beat n%2 5",
           "2 beat %6E 5",
           "2 beat n 5\n",
           "2 beat n 5\n+ acme:conversation:lobby alice",
           "2 beat n 5\n= a 1 1",
           "2 beat n 5\n= a 1 1 1 1",
           "2 beat n 5\n= b 1 1 1\n= a 1 1 1",
           "2 beat n 5\n= a 1 1 1\n= a 1 2 1",
           "2 want n 5",
           "2 want n 5 1\n= a 1 1 1",
           "2 bye n 5 18",
           "2 snapshot n 5 18 0 2 2",
           "2 snapshot n 5 18 0 0 0",
           "2 snapshot n 5 18 0 0 16385",
           "2 snapshot n 5 18 0 0 1\n- acme:conversation:lobby alice",
           "2 snapshot n 5 18 0 0 1\nx acme:conversation:lobby",
           "2 delta n 5 18",
           "2 delta n 5 18 0\n= a 1 1 1",
           "2 delta n 5 18 0\n* acme:conversation:lobby alice",
           "2 delta n 5 18 0\n+",
           "2 delta n 5 18 0\n+ acme:conversation:lobby ",
           "2 delta n 5 18 0\nx acme:conversation:lobby alice",
           "2 delta n 5 18 0\n+ acme:user:bob alice",
           "2 delta n 5 18 0\n+ acme:conversation:.. alice",
           "2 delta n 5 18 0\n+ acme:conversation:lobby al%00ice",
           "2 delta n 5 18 0\n+ acme:conversation:lobby al%FFice",
           "2 delta n 5 18 0\n+ acme:conversation:lobby bob alice",
           "2 delta n 5 18 0\n+ acme:conversation:lobby bob bob",
           "2 delta n 5 18 0\n+ acme:conversation:lobby alice\n+ acme:conversation:lobby bob",
           "2 delta n 5 18 0\n+ acme:conversation:b x\n+ acme:conversation:a x",
           "2 delta n 5 18 0\n+ acme:conversation:b\n+ acme:conversation:a",
           "2 delta n 5 18 0\n+ acme:conversation:a\n+ acme:conversation:a",
           "2 delta n 5 18 0\n+ acme:conversation:a x\n+ acme:conversation:b",
           "2 delta n 5 18 0\n+ acme:conversation:a x\n- acme:conversation:a y",
           "2 delta n 5 18 0\n- acme:conversation:a\nx acme:conversation:b",
       }) {
    EXPECT_FALSE(decode_presence(text)) << text;
  }
  const std::string long_name(256, 'n');
  EXPECT_FALSE(decode_presence("2 beat " + long_name + " 5"));
}

TEST(PresenceNote, IsAtMost64KiBLong) {
  PresenceChanges changes;
  constexpr int kPeople = 20'000;
  for (int i = 0; i < kPeople; ++i) changes.came.push_back(in("room", "person-" + std::to_string(100'000 + i)));
  const auto texts = lines_of(changes);
  EXPECT_GT(texts.size(), 2U);
  std::size_t people = 0;
  for (const auto& text : texts) {
    const std::string note = encode({kDelta, {std::string(255, '\xC3'), INT64_MAX}, INT64_MAX, INT64_MAX}, text);
    EXPECT_LE(note.size(), kMaxPresenceNote);
    const auto read = decode_presence(note);
    ASSERT_TRUE(read);
    people += read->changes.came.size();
  }
  EXPECT_EQ(people, std::size_t{kPeople});
  EXPECT_FALSE(decode_presence(encode({kDelta, {"n", 1}, 1, 1}, std::string(kMaxPresenceNote, 'x'))));
}

TEST(PresenceNote, ABeatOfVeryManyNodesIsSeveralNotes) {
  std::vector<StreamState> states;
  for (std::uint64_t i = 0; i < 256; ++i) states.push_back({{std::string(255, '\xC3'), i}, INT64_MAX, INT64_MAX});
  std::size_t read = 0;
  for (const auto& text : lines_of(states)) {
    const auto note = decode_presence(encode({PresenceNoteKind::beat, {"n", 1}}, text));
    ASSERT_TRUE(note);
    read += note->states.size();
  }
  EXPECT_EQ(read, states.size());
}

}  // namespace
}  // namespace danwa::presence
