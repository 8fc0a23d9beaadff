#include "infra/caf/peer_connection_worker.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace danwa::caf {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kAcceptor = PeerRole::acceptor;
constexpr auto kDialler = PeerRole::dialler;

Hello peer(const std::string& name, std::uint64_t incarnation = 1) {
  Hello hello;
  hello.name = name;
  hello.incarnation = incarnation;
  hello.advertise = "10.0.0." + name.substr(5) + ":4000";
  return hello;
}

Membership node(const std::string& name, std::vector<std::string> seeds = {}) {
  return Membership{{name, 1, "10.0.0." + name.substr(5) + ":4000"}, seeds, 7};
}

const Membership::Time kStart{seconds{1'000}};

TEST(Membership, DialsItsSeedsButNotItself) {
  auto members = node("node-1", {"10.0.0.1:4000", "10.0.0.2:4000"});
  EXPECT_EQ(members.take_due(kStart), std::vector<std::string>{"10.0.0.2:4000"});
  EXPECT_TRUE(members.take_due(kStart).empty());  // under way
}

TEST(Membership, WaitsLongerAfterEachFailureUpToFiveSeconds) {
  auto members = node("node-1", {"10.0.0.2:4000"});
  auto now = kStart;
  milliseconds last{0};
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(members.take_due(now).size(), 1U);
    members.dial_ended("10.0.0.2:4000", now);
    const auto wait = std::chrono::duration_cast<milliseconds>(*members.next_due() - now);
    EXPECT_GE(wait, milliseconds{100});
    EXPECT_LE(wait, milliseconds{5'000});
    if (i < 5) {
      EXPECT_GT(wait, last);
    }
    last = wait;
    now = *members.next_due();
  }
  EXPECT_GE(last, milliseconds{4'000});
}

TEST(Membership, DialsALostMemberWithinTwoSecondsButNotAtOnce) {
  auto members = node("node-1");
  members.judge(kAcceptor, peer("node-2"), {}, 5, kStart);
  members.link_up(5, kStart);
  EXPECT_FALSE(members.next_due());
  auto now = kStart + seconds{60};
  ASSERT_TRUE(members.link_lost(5, now));
  for (int i = 0; i < 12; ++i) {
    EXPECT_GE(*members.next_due() - now, milliseconds{100});
    EXPECT_LE(*members.next_due() - now, milliseconds{2'000});
    now = *members.next_due();
    ASSERT_EQ(members.take_due(now), std::vector<std::string>{"10.0.0.2:4000"});
    members.dial_ended("10.0.0.2:4000", now);
  }
}

TEST(Membership, KnowsWhoIsUp) {
  auto members = node("node-1");
  EXPECT_EQ(members.judge(kAcceptor, peer("node-2"), {}, 5, kStart), Verdict::accept);
  EXPECT_TRUE(members.members().empty());  // not before the link is up
  members.link_up(5, kStart);
  ASSERT_EQ(members.members().size(), 1U);
  EXPECT_EQ(members.members()[0].state, MemberState::up);
  EXPECT_EQ(members.addresses(), std::vector<std::string>{"10.0.0.2:4000"});
  members.link_lost(5, kStart);
  EXPECT_EQ(members.members()[0].state, MemberState::down);
  EXPECT_TRUE(members.addresses().empty());
}

TEST(Membership, RefusesItselfAndTwoNodesOfOneName) {
  auto members = node("node-1");
  EXPECT_EQ(members.judge(kAcceptor, peer("node-1", 1), {}, 5, kStart), Verdict::self);
  EXPECT_EQ(members.judge(kAcceptor, peer("node-1", 2), {}, 6, kStart), Verdict::name_in_use);
  members.judge(kAcceptor, peer("node-2", 1), {}, 7, kStart);
  members.link_up(7, kStart);
  EXPECT_EQ(members.judge(kAcceptor, peer("node-2", 2), {}, 8, kStart), Verdict::name_in_use);
  members.link_lost(7, kStart);
  EXPECT_EQ(members.judge(kAcceptor, peer("node-2", 2), {}, 9, kStart), Verdict::accept);
  members.link_up(9, kStart);
  EXPECT_EQ(members.members()[0].incarnation, 2U);
}

TEST(Membership, DoesNotWaitForANodeThatDiedWhileItJoined) {
  auto members = node("node-1");
  members.judge(kAcceptor, peer("node-2", 1), {}, 5, kStart);
  EXPECT_EQ(members.judge(kAcceptor, peer("node-2", 2), {}, 6, kStart), Verdict::accept);
  EXPECT_FALSE(members.link_up(5, kStart));
  EXPECT_TRUE(members.link_up(6, kStart));
}

TEST(Membership, SaysThatALinkIsStaleWhenOnlyTheOtherSideHasIt) {
  auto members = node("node-1");
  EXPECT_EQ(members.judge(kDialler, peer("node-2"), Verdict::occupied, 5, kStart), Verdict::stale);
  members.judge(kAcceptor, peer("node-2"), {}, 6, kStart);
  EXPECT_EQ(members.judge(kDialler, peer("node-2"), Verdict::occupied, 7, kStart), Verdict::occupied);
  EXPECT_FALSE(members.live_link(peer("node-2")));
  members.link_up(6, kStart);
  EXPECT_EQ(members.live_link(peer("node-2")), 6U);
  EXPECT_FALSE(members.live_link(peer("node-2", 2)));
}

TEST(Membership, PrefersItsOwnDialWhenItsNameIsLower) {
  auto low = node("node-1", {"10.0.0.2:4000"});
  low.take_due(kStart);
  low.dial_reached("10.0.0.2:4000", peer("node-2"));
  EXPECT_EQ(low.judge(kAcceptor, peer("node-2"), {}, 5, kStart), Verdict::occupied);
  auto high = node("node-2", {"10.0.0.1:4000"});
  high.take_due(kStart);
  high.dial_reached("10.0.0.1:4000", peer("node-1"));
  EXPECT_EQ(high.judge(kAcceptor, peer("node-1"), {}, 5, kStart), Verdict::accept);
}

TEST(Membership, FollowsTheLowerNameWhenBothHaveAccepted) {
  auto high = node("node-2");
  EXPECT_EQ(high.judge(kAcceptor, peer("node-1"), {}, 5, kStart), Verdict::accept);
  EXPECT_EQ(high.judge(kDialler, peer("node-1"), Verdict::accept, 6, kStart), Verdict::accept);
  EXPECT_FALSE(high.holds(5));
  EXPECT_TRUE(high.holds(6));
  EXPECT_FALSE(high.link_lost(5, kStart));
  EXPECT_TRUE(high.holds(6));
}

/// A member with this name at this address, up.
void bring_up(Membership& members, const std::string& name, std::uint64_t link, const std::string& address,
              Membership::Time now = kStart) {
  auto hello = peer(name);
  hello.advertise = address;
  ASSERT_EQ(members.judge(kAcceptor, hello, {}, link, now), Verdict::accept);
  ASSERT_TRUE(members.link_up(link, now));
}

std::vector<std::string> names(const Membership& members) {
  std::vector<std::string> all;
  for (const auto& member : members.members()) all.push_back(member.name);
  return all;
}

TEST(Membership, ForgetsAtOnceWhoSaysGoodbye) {
  auto members = node("node-1");
  bring_up(members, "node-2", 5, "10.0.0.2:4000");
  bring_up(members, "node-3", 6, "10.0.0.3:4000");
  ASSERT_TRUE(members.said_goodbye(5));
  EXPECT_EQ(names(members), std::vector<std::string>{"node-3"});
  EXPECT_EQ(members.addresses(), std::vector<std::string>{"10.0.0.3:4000"});
  EXPECT_TRUE(members.holds(5));  // its link brings updates until it goes
  EXPECT_FALSE(members.is_member(5));
  EXPECT_FALSE(members.said_goodbye(5));  // once
  EXPECT_TRUE(members.link_lost(5, kStart + seconds{1}));
  EXPECT_EQ(names(members), std::vector<std::string>{"node-3"});
  EXPECT_TRUE(members.take_due(kStart + std::chrono::hours{1}).empty());  // and nobody dials it
}

TEST(Membership, TakesBackWhoHasSaidGoodbyeAndStartsAgain) {
  auto members = node("node-1");
  bring_up(members, "node-2", 5, "10.0.0.2:4000");
  members.said_goodbye(5);
  members.link_lost(5, kStart);
  EXPECT_EQ(members.judge(kAcceptor, peer("node-2", 2), {}, 6, kStart), Verdict::accept);
  members.link_up(6, kStart);
  EXPECT_EQ(names(members), std::vector<std::string>{"node-2"});
}

TEST(Membership, HearsNoGoodbyeOverAConnectionThatIsNoLink) {
  auto members = node("node-1");
  members.judge(kAcceptor, peer("node-2"), {}, 5, kStart);
  EXPECT_FALSE(members.said_goodbye(5));
  EXPECT_FALSE(members.said_goodbye(77));
}

TEST(Membership, TakesNobodyInWhoSaysGoodbyeBeforeItsLinkStands) {
  auto members = node("node-1");
  members.judge(kAcceptor, peer("node-2"), {}, 5, kStart);
  members.said_goodbye(5);
  members.link_up(5, kStart);
  EXPECT_TRUE(names(members).empty());
  EXPECT_TRUE(members.holds(5));
  members.link_lost(5, kStart);
  EXPECT_TRUE(members.take_due(kStart + std::chrono::hours{1}).empty());
}

TEST(Membership, GoesOnDiallingASeedThatHasSaidGoodbye) {
  auto members = node("node-1", {"10.0.0.2:4000"});
  bring_up(members, "node-2", 5, "10.0.0.2:4000");
  members.said_goodbye(5);
  members.link_lost(5, kStart);
  EXPECT_EQ(members.take_due(kStart + seconds{10}), std::vector<std::string>{"10.0.0.2:4000"});
}

TEST(Membership, ForgetsALostMemberWhenAnotherNodeAnswersAtItsAddress) {
  auto members = node("node-1");
  bring_up(members, "node-2", 5, "10.0.0.2:4000");
  members.link_lost(5, kStart);
  EXPECT_EQ(names(members), std::vector<std::string>{"node-2"});
  bring_up(members, "node-9", 6, "10.0.0.9:4000");
  EXPECT_EQ(names(members), (std::vector<std::string>{"node-2", "node-9"}));
  bring_up(members, "node-3", 7, "10.0.0.2:4000");
  EXPECT_EQ(names(members), (std::vector<std::string>{"node-3", "node-9"}));
}

TEST(Membership, KeepsAMemberThatIsUpWhoeverSaysThatItHasItsAddress) {
  auto members = node("node-1");
  bring_up(members, "node-2", 5, "10.0.0.2:4000");
  bring_up(members, "node-3", 6, "10.0.0.2:4000");
  EXPECT_EQ(names(members), (std::vector<std::string>{"node-2", "node-3"}));
}

TEST(Membership, ForgetsALostMemberAfterTenMinutes) {
  auto members = node("node-1");
  bring_up(members, "node-2", 5, "10.0.0.2:4000");
  const auto lost = kStart + seconds{60};
  members.link_lost(5, lost);
  const auto most = lost + std::chrono::minutes{10};
  EXPECT_FALSE(members.forget_lost(most - milliseconds{1}));
  EXPECT_EQ(members.members()[0].state, MemberState::down);
  ASSERT_TRUE(members.next_due());
  EXPECT_LE(*members.next_due(), most);  // somebody wakes up for it
  EXPECT_TRUE(members.forget_lost(most));
  EXPECT_TRUE(members.members().empty());
  EXPECT_FALSE(members.forget_lost(most));
}

TEST(Membership, CountsTheTenMinutesAnewWhenAMemberWasBack) {
  auto members = node("node-1");
  bring_up(members, "node-2", 5, "10.0.0.2:4000");
  members.link_lost(5, kStart);
  bring_up(members, "node-2", 6, "10.0.0.2:4000", kStart + std::chrono::minutes{9});
  EXPECT_FALSE(members.forget_lost(kStart + std::chrono::hours{2}));  // up
  members.link_lost(6, kStart + std::chrono::hours{2});
  EXPECT_FALSE(members.forget_lost(kStart + std::chrono::hours{2} + std::chrono::minutes{9}));
  EXPECT_EQ(names(members), std::vector<std::string>{"node-2"});
}

TEST(Membership, LearnsAddressesUpToABound) {
  auto members = node("node-1");
  std::vector<std::string> many{"10.0.0.1:4000"};
  for (int i = 0; i < 300; ++i) many.push_back("10.1.0.1:" + std::to_string(1'000 + i));
  members.heard_of(many, kStart);
  EXPECT_EQ(members.take_due(kStart).size(), 128U);
}

/// Two nodes, four connections dialled by either, their verdicts in any order: never two links, and the
/// two agree which one it is.
TEST(Membership, AgreesOnOneLinkInEveryOrder) {
  EXPECT_TRUE(rc::check("one link", [] {
    auto low = node("node-1", {"10.0.0.2:4000"});
    auto high = node("node-2", {"10.0.0.1:4000"});
    struct Connection {
      bool by_low;
      int stage = 0;  // 0: fresh, 1: the acceptor has judged, 2: the dialler too, 3: over
      Verdict acceptor{};
      Verdict dialler{};
    };
    std::vector<Connection> all(4);
    for (auto& connection : all) connection.by_low = *rc::gen::arbitrary<bool>();
    std::vector<std::size_t> linked;
    for (int step = 0; step < 60; ++step) {
      const auto id = *rc::gen::inRange<std::size_t>(0, all.size());
      auto& connection = all[id];
      auto& dialler = connection.by_low ? low : high;
      auto& acceptor = connection.by_low ? high : low;
      const auto dialler_hello = peer(connection.by_low ? "node-1" : "node-2");
      const auto acceptor_hello = peer(connection.by_low ? "node-2" : "node-1");
      const auto link = id + 1;
      if (connection.stage == 0) {
        connection.acceptor = acceptor.judge(kAcceptor, dialler_hello, {}, link, kStart);
        connection.stage = 1;
      } else if (connection.stage == 1) {
        connection.dialler = dialler.judge(kDialler, acceptor_hello, connection.acceptor, link, kStart);
        connection.stage = 2;
        RC_ASSERT(connection.dialler != Verdict::accept || connection.acceptor == Verdict::accept);
      } else if (connection.stage == 2) {
        connection.stage = 3;
        if (connection.dialler == Verdict::accept && acceptor.holds(link)) {
          linked.push_back(id);
        } else {
          acceptor.link_lost(link, kStart);
          dialler.link_lost(link, kStart);
        }
      }
    }
    RC_ASSERT(linked.size() <= 1U);
    if (!linked.empty()) {
      RC_ASSERT(low.holds(linked[0] + 1));
      RC_ASSERT(high.holds(linked[0] + 1));
    }
  }));
}

}  // namespace
}  // namespace danwa::caf
