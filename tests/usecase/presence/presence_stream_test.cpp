#include "usecase/presence/presence_stream.hpp"

#include <gtest/gtest.h>

#include "people.hpp"

namespace danwa::presence {
namespace {

using namespace tests;
using Notes = PresenceStream::Notes;

/// What node a says to node b, and what b makes of it.
struct Stream {
  explicit Stream(std::uint64_t base = 0) : stream{self, {"b", 1}, source, base} {}

  /// What is announced now.
  Notes announce(bool full = false, std::uint64_t heard = 0) {
    Notes out;
    stream.announce(source.take(), heard, full, out);
    return out;
  }
  Notes answer(std::uint64_t version) const {
    Notes out;
    stream.answer(version, out);
    return out;
  }
  void enter(const std::string& name) { source.set_present(in_lobby(name), true); }
  void hear(const std::string& text) {
    const auto note = decode_presence(text);
    ASSERT_TRUE(note) << text;
    if (note->head.kind == PresenceNoteKind::delta) replica.on_delta(*note);
    if (note->head.kind == PresenceNoteKind::snapshot) replica.on_snapshot(*note);
    for (const auto& state : note->states) replica.on_state(state);
  }
  void hear(const Notes& notes) {
    for (const auto& note : notes) hear(note);
  }

  PresenceSelf self{"a", 1};
  PresenceSource source{100'000};
  PresenceStream stream;
  PresentPeople people;
  PresenceReplica replica{people, 100'000};
};

TEST(PresenceStream, SaysNothingBeforeItStarts) {
  Stream a;
  a.enter("alice");
  a.source.set_wanted(room("kitchen"), true);
  a.stream.set_wanted(room(), true);
  EXPECT_EQ(a.announce(), Notes{});
  EXPECT_EQ(a.answer(0), Notes{});
  a.stream.start();
  EXPECT_EQ(a.announce(), Notes{"2 delta a 1 0 0\n+ acme:conversation:kitchen\n+ acme:conversation:lobby alice"});
}

TEST(PresenceStream, TellsAWishThatNobodyIsThereByABeat) {
  Stream a;
  a.stream.start();
  a.announce();
  a.stream.set_wanted(room(), true);
  EXPECT_EQ(a.announce(false, 7), Notes{"2 beat a 1\n= b 1 0 7"});
  EXPECT_EQ(a.announce(false, 8), Notes{});
  a.enter("alice");
  EXPECT_EQ(a.announce(false, 8), Notes{"2 delta a 1 0 8\n+ acme:conversation:lobby alice"});
}

TEST(PresenceStream, PutsAConversationInAndTakesItOut) {
  Stream a;
  a.stream.start();
  a.enter("alice");
  a.enter("bob");
  a.announce();
  a.stream.set_wanted(room(), true);
  a.enter("carol");
  a.source.set_present(in_lobby("bob"), false);
  EXPECT_EQ(a.announce(), Notes{"2 delta a 1 0 0\n+ acme:conversation:lobby alice carol"});
  a.enter("dave");
  a.source.set_present(in_lobby("alice"), false);
  EXPECT_EQ(a.announce(), Notes{"2 delta a 1 1 0\n- acme:conversation:lobby alice\n+ acme:conversation:lobby dave"});
  a.stream.set_wanted(room(), false);
  a.enter("erin");
  EXPECT_EQ(a.announce(), Notes{"2 delta a 1 2 0\nx acme:conversation:lobby"});
  a.stream.set_wanted(room("empty"), true);
  a.announce();
  a.stream.set_wanted(room("empty"), false);
  EXPECT_EQ(a.announce(), Notes{"2 beat a 1\n= b 1 3 0"});
}

TEST(PresenceStream, ClosesAConversationWhoseLastPersonLeavesJustNow) {
  Stream a;
  a.stream.start();
  a.stream.set_wanted(room(), true);
  a.enter("alice");
  a.hear(a.announce());
  a.stream.set_wanted(room(), false);
  a.source.set_present(in_lobby("alice"), false);
  a.hear(a.announce());
  EXPECT_EQ(names_in(a.people), Names{});
  EXPECT_FALSE(a.replica.behind());
}

TEST(PresenceStream, WaitsWithWishesWhileItIsFull) {
  Stream a;
  a.stream.start();
  a.announce();
  a.enter("alice");
  a.stream.set_wanted(room(), true);
  EXPECT_EQ(a.announce(true, 5), Notes{});
  EXPECT_TRUE(a.stream.restless());
  EXPECT_EQ(a.stream.state().heard, 0U);
  EXPECT_EQ(a.announce(false, 5), Notes{"2 delta a 1 0 5\n+ acme:conversation:lobby alice"});
}

TEST(PresenceStream, NamesNoVersionAndAnswersNothingUntilItIsFilled) {
  Stream a{40};
  a.stream.set_wanted(room(), true);
  a.enter("alice");
  a.source.set_wanted(room("kitchen"), true);
  a.stream.start();
  a.hear(a.announce(true));
  EXPECT_EQ(a.stream.state().version, 0U);
  EXPECT_EQ(a.answer(0), Notes{});
  EXPECT_TRUE(a.replica.behind());
  a.announce();
  EXPECT_EQ(a.stream.state().version, 42U);
  a.hear(a.answer(0));
  EXPECT_FALSE(a.replica.behind());
  EXPECT_EQ(names_in(a.people), Names{"alice"});
}

TEST(PresenceStream, KeepsABoundedHistoryAndMakesASnapshotBeyond) {
  Stream a;
  a.stream.start();
  a.stream.set_wanted(room(), true);
  for (int i = 0; i < 600; ++i) {
    a.enter("person-" + std::to_string(i) + std::string(100, 'x'));
    a.announce();
  }
  EXPECT_EQ(a.answer(600), Notes{"2 beat a 1\n= b 1 600 0"});
  EXPECT_EQ(a.answer(590).size(), 10U);
  const auto all = a.answer(3);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].substr(0, 26), "2 snapshot a 1 600 0 0 2\n+");
  a.hear(all);
  EXPECT_EQ(a.people.count(room()), 600U);
  EXPECT_EQ(a.replica.version(), 600U);
}

TEST(PresenceStream, OnlyTheLastNoteOfAnAnswerSaysThatItIsOne) {
  Stream a;
  a.stream.start();
  a.announce();
  for (int i = 0; i < 2'000; ++i) a.enter("person-" + std::to_string(i) + std::string(100, 'x'));
  a.stream.set_wanted(room(), true);
  const auto notes = a.announce(false, 9);
  ASSERT_GT(notes.size(), 2U);
  for (const auto& note : notes) {
    EXPECT_EQ(a.replica.heard(), 0U);
    a.hear(note);
  }
  EXPECT_EQ(a.replica.heard(), 9U);
}

TEST(PresenceReplica, ASnapshotReplacesWithoutAMomentOfAbsence) {
  Stream a;
  a.hear("2 delta b 1 0 0\n+ acme:conversation:lobby alice bob");
  a.people.take_changed();
  a.hear("2 snapshot b 1 9 0 0 2\n+ acme:conversation:lobby alice");
  EXPECT_EQ(names_in(a.people), (Names{"alice", "bob"}));           // half of it says nothing
  a.hear("2 snapshot b 1 8 0 1 2\n+ acme:conversation:lobby zoe");  // an older one
  EXPECT_TRUE(a.people.take_changed().empty());
  a.hear("2 snapshot b 1 9 0 1 2\n+ acme:conversation:other carol");
  EXPECT_EQ(names_in(a.people), Names{"alice"});
  EXPECT_EQ(a.people.take_changed(), (PresentPeople::Channels{room(), room("other")}));
}

TEST(PresenceReplica, TellsWhichWishesTurned) {
  Stream a;
  const auto turned = [&a] {
    std::string all;
    for (const auto& [channel, wanted] : a.replica.take_turned()) all += (wanted ? " +" : " -") + channel.key;
    return all;
  };
  a.hear("2 delta b 1 0 0\n+ acme:conversation:a\n+ acme:conversation:b");
  EXPECT_EQ(turned(), " +a +b");
  a.hear("2 delta b 1 1 0\n- acme:conversation:a\n+ acme:conversation:c");
  EXPECT_EQ(turned(), " -a +c");
  a.hear("2 snapshot b 1 5 0 0 1\n+ acme:conversation:a\n+ acme:conversation:c");
  EXPECT_EQ(turned(), " -b +a");
}

TEST(PresenceReplica, WhatTheOtherNodeHasHeardCountsOnceItsAnswerIsHere) {
  Stream a;
  a.hear("2 beat b 1\n= a 1 2 7");
  EXPECT_TRUE(a.replica.behind());
  EXPECT_EQ(a.replica.heard(), 0U);
  a.hear("2 delta b 1 0 3\n+ acme:conversation:lobby alice");
  EXPECT_EQ(a.replica.heard(), 3U);
  a.hear("2 delta b 1 1 3\n+ acme:conversation:lobby bob");
  EXPECT_EQ(a.replica.heard(), 7U);
  a.hear("2 beat b 1\n= a 1 2 6");  // an older one
  EXPECT_EQ(a.replica.heard(), 7U);
}

TEST(PresenceReplica, ADeltaCountsOnceAndNeverEarly) {
  Stream a;
  a.hear("2 delta b 1 1 0\n- acme:conversation:lobby alice");
  EXPECT_TRUE(a.replica.behind());
  a.hear("2 delta b 1 0 0\n+ acme:conversation:lobby alice");
  EXPECT_EQ(names_in(a.people), Names{"alice"});
  a.hear("2 delta b 1 1 0\n- acme:conversation:lobby alice");
  a.hear("2 delta b 1 0 0\n+ acme:conversation:lobby alice");
  EXPECT_EQ(names_in(a.people), Names{});
  EXPECT_FALSE(a.replica.behind());
}

}  // namespace
}  // namespace danwa::presence
