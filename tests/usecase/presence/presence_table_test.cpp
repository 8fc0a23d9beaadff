#include "usecase/presence/presence_table.hpp"

#include <gtest/gtest.h>

#include "people.hpp"

namespace danwa::presence {
namespace {

using namespace tests;
using Notes = std::vector<std::string>;

PresenceTable table(const std::string& node, std::uint64_t incarnation = 1, PresenceTable::Options options = {}) {
  return PresenceTable{{node, incarnation}, options};  // not moved
}

/// Two nodes and the way between them; `run` lets time pass, and all that is said is heard at once.
struct Pair {
  explicit Pair(PresenceTable::Options of_a = {}) : a{{"a", 1}, of_a} {}

  void run(milliseconds time) { run(a, time); }
  void run(PresenceTable& instead_of_a, milliseconds time) {
    for (const Time end = now + time; now < end; now += milliseconds{10}) {
      for (const auto& note : say(instead_of_a)) tell(b, note);
      for (const auto& note : say(b)) tell(instead_of_a, note);
    }
  }
  Notes say(PresenceTable& node) {
    node.tick(now);
    return node.take_notes(now);
  }
  void tell(PresenceTable& node, const std::string& note) { EXPECT_TRUE(node.receive(note, now)); }

  Time now = start_time();
  PresenceTable a;
  PresenceTable b = table("b");
};

TEST(PresenceTable, APersonWithTwoDevicesIsOnePresence) {
  auto one = table("a");
  one.enter(in_lobby("alice"));
  EXPECT_EQ(one.take_changed(), PresentPeople::Channels{room()});
  one.enter(in_lobby("alice"));
  one.leave(in_lobby("alice"));
  EXPECT_TRUE(one.take_changed().empty());
  EXPECT_EQ(names_in(one.people()), Names{"alice"});
  one.leave(in_lobby("alice"));
  EXPECT_EQ(one.take_changed(), PresentPeople::Channels{room()});
  EXPECT_EQ(names_in(one.people()), Names{});
}

TEST(PresenceTable, APersonOnTwoNodesIsOnePresence) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.b.enter(in_lobby("alice"));
  pair.run(milliseconds{100});
  pair.a.take_changed(), pair.b.take_changed();
  pair.a.leave(in_lobby("alice"));
  pair.run(milliseconds{100});
  EXPECT_TRUE(pair.a.take_changed().empty() && pair.b.take_changed().empty());
  EXPECT_EQ(names_in(pair.a.people()), Names{"alice"});
  pair.b.leave(in_lobby("alice"));
  pair.run(milliseconds{100});
  EXPECT_EQ(names_in(pair.a.people()), Names{});
  EXPECT_EQ(pair.a.take_changed(), PresentPeople::Channels{room()});
}

TEST(PresenceTable, WhoComesAndGoesIsKnownElsewhereAtOnce) {
  Pair pair;
  pair.run(milliseconds{1000});
  pair.a.enter(in("x", "alice"));
  pair.a.enter(in("y", "bob"));
  for (const auto& note : pair.say(pair.a)) pair.tell(pair.b, note);
  EXPECT_EQ(names_in(pair.b.people(), "x"), Names{"alice"});
  EXPECT_EQ(pair.b.take_changed(), (PresentPeople::Channels{room("x"), room("y")}));
}

TEST(PresenceTable, ANewNodeLearnsOfEverybody) {
  Pair pair;
  for (int i = 0; i < 30'000; ++i) pair.a.enter(in("x", "person-" + std::to_string(i)));
  for (int i = 0; i < 100; ++i) pair.now += milliseconds{10}, pair.say(pair.a);  // nobody hears it
  pair.run(milliseconds{1000});
  EXPECT_EQ(pair.b.people().count(room("x")), 30'000U);
  EXPECT_EQ(pair.b.nodes(), 1U);
}

TEST(PresenceTable, WhatWasMissedIsAskedFor) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.run(milliseconds{100});
  pair.a.leave(in_lobby("alice"));
  pair.a.enter(in_lobby("bob"));
  EXPECT_FALSE(pair.say(pair.a).empty());  // lost
  pair.run(milliseconds{1000});
  EXPECT_EQ(names_in(pair.b.people()), Names{"bob"});
}

TEST(PresenceTable, ANodeWithoutSignOfLifeIsGoneAfterItsLeaseAndNobodyElse) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.b.enter(in_lobby("bob"));
  pair.run(milliseconds{1000});
  const Time last = pair.now;
  for (; pair.now < last + milliseconds{3'400}; pair.now += milliseconds{100}) {
    pair.say(pair.b);
    ASSERT_EQ(names_in(pair.b.people()), (Names{"alice", "bob"}));
  }
  for (; pair.now <= last + milliseconds{4'000}; pair.now += milliseconds{100}) pair.say(pair.b);
  EXPECT_EQ(names_in(pair.b.people()), Names{"bob"});
  EXPECT_EQ(pair.b.nodes(), 0U);
}

TEST(PresenceTable, ANodeThatComesBackIsLearnedAgain) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.run(milliseconds{1000});
  for (int i = 0; i < 60; ++i) pair.now += milliseconds{100}, pair.say(pair.b);
  EXPECT_EQ(names_in(pair.b.people()), Names{});
  pair.run(milliseconds{1000});
  EXPECT_EQ(names_in(pair.b.people()), Names{"alice"});
}

TEST(PresenceTable, ANodeThatStoodStillForgivesTheOthersTheirSilence) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.run(milliseconds{1000});
  pair.now += milliseconds{6000};  // neither ran
  pair.say(pair.b);
  EXPECT_EQ(names_in(pair.b.people()), Names{"alice"});
  for (int i = 0; i < 50; ++i) pair.now += milliseconds{100}, pair.say(pair.b);
  EXPECT_EQ(names_in(pair.b.people()), Names{});
}

TEST(PresenceTable, ANodeThatSaysGoodbyeIsGoneAtOnceAndStaysGone) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  auto late = pair.say(pair.a);
  for (const auto& note : late) pair.tell(pair.b, note);
  EXPECT_EQ(names_in(pair.b.people()), Names{"alice"});
  for (const auto& note : pair.a.close()) pair.tell(pair.b, note);
  EXPECT_EQ(names_in(pair.b.people()), Names{});
  for (const auto& note : late) pair.tell(pair.b, note);
  EXPECT_EQ(names_in(pair.b.people()), Names{});
  EXPECT_EQ(pair.b.nodes(), 0U);
  pair.a.enter(in_lobby("bob"));
  EXPECT_TRUE(pair.say(pair.a).empty());
}

TEST(PresenceTable, WhoReturnsToARestartedNodeWasNeverGone) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.a.enter(in_lobby("bob"));
  pair.run(milliseconds{1000});
  auto again = table("a", 2);  // it was killed
  pair.run(again, milliseconds{1500});
  EXPECT_EQ(names_in(pair.b.people()), (Names{"alice", "bob"}));
  again.enter(in_lobby("alice"));
  for (int i = 0; i < 500; ++i) {
    pair.run(again, milliseconds{10});
    const auto seen = names_in(pair.b.people());
    ASSERT_TRUE(seen == (Names{"alice", "bob"}) || seen == Names{"alice"});
  }
  EXPECT_EQ(names_in(pair.b.people()), Names{"alice"});
}

TEST(PresenceTable, OwnNotesThatComeBackMeanNothing) {
  auto one = table("a");
  one.enter(in_lobby("alice"));
  one.tick(start_time());
  for (const auto& note : one.take_notes(start_time())) EXPECT_TRUE(one.receive(note, start_time()));
  EXPECT_EQ(one.nodes(), 0U);
  EXPECT_TRUE(one.take_notes(start_time() + milliseconds{100}).empty());
}

TEST(PresenceTable, NonsenseIsRefused) {
  auto one = table("a");
  EXPECT_FALSE(one.receive("hello", start_time()));
  EXPECT_EQ(one.nodes(), 0U);
}

TEST(PresenceTable, TooManyPeopleAreLeftOutUntilThereIsRoom) {
  Pair pair{{.most_people = 2}};
  for (const char* name : {"alice", "bob", "carol", "dave"}) pair.a.enter(in_lobby(name));
  pair.run(milliseconds{100});
  EXPECT_EQ(names_in(pair.a.people()).size(), 4U);
  EXPECT_EQ(names_in(pair.b.people()), (Names{"alice", "bob"}));
  EXPECT_EQ(pair.a.left_out(), 2U);
  pair.a.leave(in_lobby("alice"));
  pair.a.leave(in_lobby("carol"));
  pair.run(milliseconds{100});
  EXPECT_EQ(names_in(pair.b.people()), (Names{"bob", "dave"}));
  EXPECT_EQ(pair.a.left_out(), 0U);
}

TEST(PresenceTable, OnlySoManyPeopleOfANodeAndSoManyNodesAreListenedTo) {
  auto one = table("a", 1, {.most_people = 2, .most_peers = 2});
  one.receive("1 delta b 1 0\n+ acme:conversation:lobby p q r", start_time());
  EXPECT_EQ(names_in(one.people()), (Names{"p", "q"}));
  one.receive("1 snapshot b 1 5 0 1\n+ acme:conversation:lobby q r s", start_time());
  EXPECT_EQ(names_in(one.people()), (Names{"q", "r"}));
  one.receive("1 delta c 1 0\n+ acme:conversation:lobby x", start_time());
  one.receive("1 delta d 1 0\n+ acme:conversation:lobby y", start_time());
  EXPECT_EQ(names_in(one.people()), (Names{"q", "r", "x"}));
}

TEST(PresenceTable, ASnapshotReplacesWithoutAMomentOfAbsence) {
  auto one = table("a");
  one.receive("1 delta b 1 0\n+ acme:conversation:lobby alice bob", start_time());
  one.take_changed();
  one.receive("1 snapshot b 1 9 0 2\n+ acme:conversation:lobby alice", start_time());
  EXPECT_EQ(names_in(one.people()), (Names{"alice", "bob"}));                        // half of it says nothing
  one.receive("1 snapshot b 1 8 1 2\n+ acme:conversation:lobby zoe", start_time());  // an older one
  EXPECT_TRUE(one.take_changed().empty());
  one.receive("1 snapshot b 1 9 1 2\n+ acme:conversation:other carol", start_time());
  EXPECT_EQ(names_in(one.people()), Names{"alice"});
  EXPECT_EQ(one.take_changed(), (PresentPeople::Channels{room(), room("other")}));
}

TEST(PresenceTable, ChurnBetweenTwoAnnouncementsIsNotTold) {
  Pair pair;
  pair.run(milliseconds{600});
  pair.a.enter(in_lobby("alice"));
  pair.a.leave(in_lobby("alice"));
  for (const auto& note : pair.say(pair.a)) EXPECT_EQ(note.find("delta"), std::string::npos);
}

TEST(PresenceTable, AnIdleNodeIsWokenForItsBeatsAlone) {
  Pair pair;
  pair.run(milliseconds{2000});
  int ticks = 0;
  for (const Time end = pair.now + std::chrono::seconds{10}; pair.now < end; ++ticks) {
    for (const auto& note : pair.say(pair.a)) pair.tell(pair.b, note);
    for (const auto& note : pair.say(pair.b)) pair.tell(pair.a, note);
    pair.now = std::max(pair.now + milliseconds{1}, std::min(pair.a.next_due(), pair.b.next_due()));
  }
  EXPECT_LE(ticks, 45);
}

}  // namespace
}  // namespace danwa::presence
