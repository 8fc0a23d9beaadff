#include "usecase/presence/presence_table.hpp"

#include <gtest/gtest.h>

#include "presence_net.hpp"

namespace danwa::presence {
namespace {

using namespace tests;

TEST(PresenceTable, APersonOnTwoNodesIsOnePresence) {
  Node a{"a"}, b{"b"}, c{"c"};
  Net net{&a, &b, &c};
  c.table.set_wanted(room(), true, net.now);
  a.enter(in_lobby("alice"));
  b.enter(in_lobby("alice"));
  net.run(milliseconds{200});
  EXPECT_EQ(c.people.take_changed(), PresentPeople::Channels{room()});
  a.leave(in_lobby("alice"));
  net.run(milliseconds{100});
  EXPECT_TRUE(c.people.take_changed().empty());
  EXPECT_EQ(c.sees(), Names{"alice"});
  b.leave(in_lobby("alice"));
  net.run(milliseconds{100});
  EXPECT_EQ(c.sees(), Names{});
  EXPECT_EQ(c.people.take_changed(), PresentPeople::Channels{room()});
}

TEST(PresenceTable, WhoComesAndGoesIsKnownElsewhereAtOnce) {
  Pair pair;
  pair.run(milliseconds{1000});
  pair.a.enter(in_lobby("alice"));
  pair.deliver(pair.a, pair.say(pair.a));
  EXPECT_EQ(pair.b.sees(), Names{"alice"});
  pair.now += milliseconds{20};
  pair.a.leave(in_lobby("alice"));
  pair.deliver(pair.a, pair.say(pair.a));
  EXPECT_EQ(pair.b.sees(), Names{});
}

TEST(PresenceTable, ANodeHearsOnlyOfPeopleInConversationsThatItWants) {
  Node a{"a"}, b{"b"}, c{"c"};
  Net net{&a, &b, &c};
  a.table.set_wanted(room(), true, net.now);
  b.table.set_wanted(room(), true, net.now);
  a.enter(in_lobby("alice"));
  a.enter(in("kitchen", "carl"));
  b.enter(in_lobby("bob"));
  net.run(milliseconds{1000});
  EXPECT_EQ(a.sees(), Names{"bob"});
  EXPECT_EQ(b.sees(), Names{"alice"});
  EXPECT_EQ(b.sees("kitchen"), Names{});
  EXPECT_EQ(c.people.size(), 0U);
  EXPECT_EQ(c.table.names_heard(), 0U);
  for (const char* name : {"alice", "bob", "carl"}) EXPECT_EQ(net.heard[&c].find(name), std::string::npos) << name;
  EXPECT_EQ(net.heard[&b].find("carl"), std::string::npos);
}

TEST(PresenceTable, ANodeThatWantsAConversationNoMoreHoldsNobodyOfIt) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.a.enter(in("kitchen", "carl"));
  pair.b.table.set_wanted(room("kitchen"), true, pair.now);
  pair.run(milliseconds{100});
  pair.b.table.set_wanted(room(), false, pair.now);
  pair.run(milliseconds{100});
  EXPECT_EQ(pair.b.sees(), Names{});
  EXPECT_EQ(pair.b.sees("kitchen"), Names{"carl"});
  EXPECT_NE(pair.heard[&pair.b].find("x acme:conversation:lobby"), std::string::npos);
  pair.heard.clear();
  pair.a.enter(in_lobby("ann"));
  pair.run(milliseconds{1000});
  EXPECT_EQ(pair.heard[&pair.b].find("ann"), std::string::npos);
  pair.b.table.set_wanted(room(), true, pair.now);
  pair.run(milliseconds{100});
  EXPECT_EQ(pair.b.sees(), (Names{"alice", "ann"}));
}

TEST(PresenceTable, ANewNodeLearnsOfEverybody) {
  Node a{"a"}, b{"b"};
  Net net{&a, &b};
  for (int i = 0; i < 30'000; ++i) a.enter(in_lobby("person-" + std::to_string(i)));
  net.run_alone(a, milliseconds{1000}, milliseconds{10});
  b.table.set_wanted(room(), true, net.now);
  net.run(milliseconds{1000});
  EXPECT_EQ(b.people.count(room()), 30'000U);
  EXPECT_EQ(b.table.nodes(), 1U);
}

TEST(PresenceTable, WhatWasMissedIsAskedFor) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.run(milliseconds{100});
  pair.a.leave(in_lobby("alice"));
  pair.a.enter(in_lobby("bob"));
  EXPECT_FALSE(pair.say(pair.a).empty());  // lost
  pair.run(milliseconds{1000});
  EXPECT_EQ(pair.b.sees(), Names{"bob"});
}

TEST(PresenceTable, AWishThatWasMissedIsAskedFor) {
  Pair pair;
  pair.a.enter(in("kitchen", "carl"));
  pair.run(milliseconds{100});
  pair.b.table.set_wanted(room("kitchen"), true, pair.now);
  EXPECT_FALSE(pair.say(pair.b).empty());  // lost
  pair.run(milliseconds{1000});
  EXPECT_EQ(pair.b.sees("kitchen"), Names{"carl"});
}

TEST(PresenceTable, ANodeWithoutSignOfLifeIsGoneAfterItsLease) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.run(milliseconds{1000});
  const Time last = pair.now;
  for (; pair.now < last + milliseconds{3'400}; pair.now += milliseconds{100}) {
    pair.say(pair.b);
    ASSERT_EQ(pair.b.sees(), Names{"alice"});
  }
  pair.run_alone(pair.b, milliseconds{700});
  EXPECT_EQ(pair.b.sees(), Names{});
  EXPECT_EQ(pair.b.table.nodes(), 0U);
}

TEST(PresenceTable, ANodeThatComesBackIsLearnedAgain) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.b.enter(in_lobby("bob"));
  pair.run(milliseconds{1000});
  for (Node* forgetful : {&pair.a, &pair.b}) {  // one that was lost, and both
    pair.run_alone(*forgetful, milliseconds{6000});
    EXPECT_EQ(forgetful->sees(), Names{});
    pair.run(milliseconds{1000});
    EXPECT_EQ(pair.b.sees(), Names{"alice"});
    EXPECT_EQ(pair.a.sees(), Names{"bob"});
  }
  for (int i = 0; i < 60; ++i) pair.now += milliseconds{100}, pair.say(pair.a), pair.say(pair.b);
  EXPECT_EQ(pair.b.table.nodes() + pair.a.table.nodes(), 0U);
  pair.run(milliseconds{1000});
  EXPECT_EQ(pair.b.sees(), Names{"alice"});
  EXPECT_EQ(pair.a.sees(), Names{"bob"});
}

TEST(PresenceTable, ANodeThatForgotAnotherOneShowsItEverybodyInOneStep) {
  Pair pair;
  pair.b.enter(in_lobby("bob"));
  pair.b.enter(in_lobby("ben"));
  pair.run(milliseconds{1000});
  for (int i = 0; i < 60; ++i) {  // a is not heard, and hears
    pair.now += milliseconds{100};
    pair.deliver(pair.b, pair.say(pair.b));
    pair.say(pair.a);
  }
  EXPECT_EQ(pair.b.table.nodes(), 0U);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(pair.a.sees(), (Names{"ben", "bob"})) << i;
    pair.run(milliseconds{10});
  }
  pair.b.leave(in_lobby("ben"));
  pair.run(milliseconds{100});
  EXPECT_EQ(pair.a.sees(), Names{"bob"});
}

TEST(PresenceTable, ANodeThatStoodStillForgivesTheOthersTheirSilence) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.run(milliseconds{1000});
  pair.now += milliseconds{6000};  // neither ran
  pair.say(pair.b);
  EXPECT_EQ(pair.b.sees(), Names{"alice"});
  pair.run_alone(pair.b, milliseconds{5000});
  EXPECT_EQ(pair.b.sees(), Names{});
}

TEST(PresenceTable, WhoIsHeardAfterAPauseGetsALeaseOfTheUsualLength) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.run(milliseconds{1000});
  pair.now += milliseconds{500};
  const auto last = pair.say(pair.a);
  pair.now += milliseconds{6000};
  pair.deliver(pair.a, last);  // it waited for b, which stood still
  pair.run_alone(pair.b, milliseconds{4200});
  EXPECT_EQ(pair.b.sees(), Names{});
}

TEST(PresenceTable, ANodeThatSaysGoodbyeIsGoneAtOnceAndStaysGone) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.now += milliseconds{20};
  const auto late = pair.say(pair.a);
  pair.deliver(pair.a, late);
  EXPECT_EQ(pair.b.sees(), Names{"alice"});
  pair.deliver(pair.a, pair.a.table.close());
  EXPECT_EQ(pair.b.sees(), Names{});
  pair.deliver(pair.a, late);
  EXPECT_EQ(pair.b.sees(), Names{});
  EXPECT_EQ(pair.b.table.nodes(), 0U);
  pair.a.enter(in_lobby("bob"));
  pair.now += milliseconds{20};
  EXPECT_TRUE(pair.say(pair.a).empty());
}

TEST(PresenceTable, WhoReturnsToARestartedNodeWasNeverGone) {
  Pair pair;
  pair.a.enter(in_lobby("alice"));
  pair.a.enter(in_lobby("bob"));
  pair.run(milliseconds{1000});
  Node again{"a", 2};  // it was killed
  Net net{&again, &pair.b};
  net.now = pair.now;
  net.run(milliseconds{1500});
  EXPECT_EQ(pair.b.sees(), (Names{"alice", "bob"}));
  again.enter(in_lobby("alice"));
  for (int i = 0; i < 500; ++i) {
    net.run(milliseconds{10});
    const auto seen = pair.b.sees();
    ASSERT_TRUE(seen == (Names{"alice", "bob"}) || seen == Names{"alice"});
  }
  EXPECT_EQ(pair.b.sees(), Names{"alice"});
}

TEST(PresenceTable, NotesGoToTheNewestAddressOfANode) {
  Pair pair;
  pair.run(milliseconds{500});
  EXPECT_TRUE(pair.a.table.receive("b-by-another-way", "2 beat b 1", pair.now));
  pair.a.enter(in_lobby("alice"));
  bool told = false;
  for (const auto& [to, note] : pair.say(pair.a)) {
    if (note.find("alice") == std::string::npos) continue;
    told = true;
    EXPECT_EQ(to, "b-by-another-way");
  }
  EXPECT_TRUE(told);
}

TEST(PresenceTable, OwnNotesThatComeBackMeanNothing) {
  Node one{"a"};
  one.enter(in_lobby("alice"));
  one.table.tick(start_time());
  for (const auto& [to, note] : one.table.take_notes(start_time())) {
    EXPECT_TRUE(one.table.receive("me", note, start_time()));
  }
  EXPECT_EQ(one.table.nodes(), 0U);
  EXPECT_TRUE(one.table.take_notes(start_time() + milliseconds{100}).empty());
}

TEST(PresenceTable, NonsenseIsRefused) {
  Node one{"a"};
  EXPECT_FALSE(one.table.receive("b", "hello", start_time()));
  EXPECT_FALSE(one.table.receive("b", "1 beat b 1 0", start_time())) << "the format before this one";
  EXPECT_EQ(one.table.nodes(), 0U);
}

TEST(PresenceTable, TooManyPeopleAreLeftOutUntilThereIsRoom) {
  Pair pair{{.most_people = 2}};
  for (const char* name : {"alice", "bob", "carol", "dave"}) pair.a.enter(in_lobby(name));
  pair.run(milliseconds{100});
  EXPECT_EQ(pair.b.sees(), (Names{"alice", "bob"}));
  EXPECT_EQ(pair.a.table.left_out(), 2U);
  pair.a.leave(in_lobby("alice"));
  pair.a.leave(in_lobby("carol"));
  pair.run(milliseconds{100});
  EXPECT_EQ(pair.b.sees(), (Names{"bob", "dave"}));
  EXPECT_EQ(pair.a.table.left_out(), 0U);
}

TEST(PresenceTable, OnlySoManyPeopleOfANodeAndSoManyNodesAreListenedTo) {
  Node one{"a", 1, {.most_people = 2, .most_peers = 2}};
  const auto hear = [&one](const std::string& note) { EXPECT_TRUE(one.table.receive("b", note, start_time())); };
  hear("2 delta b 1 0 0\n+ acme:conversation:lobby p q r");
  EXPECT_EQ(one.sees(), (Names{"p", "q"}));
  hear("2 snapshot b 1 5 0 0 1\n+ acme:conversation:lobby q r s");
  EXPECT_EQ(one.sees(), (Names{"q", "r"}));
  hear("2 delta c 1 0 0\n+ acme:conversation:lobby x");
  hear("2 delta d 1 0 0\n+ acme:conversation:lobby y");
  EXPECT_EQ(one.sees(), (Names{"q", "r", "x"}));
}

TEST(PresenceTable, ChurnBetweenTwoAnnouncementsIsNotTold) {
  Pair pair;
  pair.run(milliseconds{600});
  pair.a.enter(in_lobby("alice"));
  pair.a.leave(in_lobby("alice"));
  pair.a.table.set_wanted(room("kitchen"), true, pair.now);
  pair.a.table.set_wanted(room("kitchen"), false, pair.now);
  for (const auto& [to, note] : pair.say(pair.a)) EXPECT_EQ(note.find("delta"), std::string::npos);
}

TEST(PresenceTable, AnIdleNodeIsWokenForItsBeatsAlone) {
  Pair pair;
  pair.run(milliseconds{2000});
  int ticks = 0;
  for (const Time end = pair.now + std::chrono::seconds{10}; pair.now < end; ++ticks) {
    pair.deliver(pair.a, pair.say(pair.a));
    pair.deliver(pair.b, pair.say(pair.b));
    const Time due = std::min(pair.a.table.next_due(), pair.b.table.next_due());
    pair.now = std::max(pair.now + milliseconds{1}, due);
  }
  EXPECT_LE(ticks, 45);
}

}  // namespace
}  // namespace danwa::presence
