#include "domain/conversation/conversation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

namespace danwa::domain {
namespace {

const CompanyId kAcme = CompanyId::trusted("acme");
const UserId kCaller = UserId::trusted("ann");
const UserId kOther = UserId::trusted("bob");

Conversation room(Visibility visibility) {
  return {kAcme, ConversationKey::trusted("room"), ConversationTitle::trusted("Old"), visibility};
}

Credential caller(bool moderates) {
  Credential who{kAcme, kCaller, {}, {}, {}, false};
  if (moderates) who.grants = std::vector<Grant>{{"ro*", {Verb::moderate}}};
  return who;
}

enum class Place { outsider, member, owner };

Membership membership(Place place, bool has_owner, bool alone) {
  Membership membership{std::nullopt, has_owner || place == Place::owner, alone};
  if (place == Place::member) membership.role = MemberRole::member;
  if (place == Place::owner) membership.role = MemberRole::owner;
  return membership;
}

/// Everything that a request can be, on everything that a conversation can be.
class Configuring : public testing::TestWithParam<std::tuple<bool, Place, bool, bool, Visibility, int>> {};

TEST_P(Configuring, IsDecidedByWhoRulesAndWhoUsesIt) {
  const auto& [moderates, place, has_owner, alone, now, settings] = GetParam();
  const Membership who = membership(place, has_owner, alone);
  ConversationSettings wanted;
  if (settings & 1) wanted.title = ConversationTitle::trusted("New");
  if (settings & 2) wanted.visibility = Visibility::open;
  if (settings & 4) wanted.visibility = Visibility::restricted;
  const Conversation before = room(now);
  const auto done = before.configured(caller(moderates), who, wanted);

  const bool rules = moderates || place == Place::owner;
  const bool inside = now == Visibility::open || place != Place::outsider;
  const bool moves = wanted.visibility && *wanted.visibility != now;
  if (!rules && !inside) {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().first().code, "not-a-member");
    return;
  }
  if (!rules && (who.has_owner || (moves && !alone))) {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().first().code, "not-an-owner");
    EXPECT_EQ(done.error().first().kind, ErrorKind::forbidden);
    return;
  }
  ASSERT_TRUE(done);
  EXPECT_EQ(done->claims, !who.has_owner && (moderates || alone)) << "only then is there a new owner";
  EXPECT_EQ(done->becomes_private, moves && now == Visibility::open);
  EXPECT_EQ(done->changes, done->claims || moves || (settings & 1));
  EXPECT_EQ(done->next.title->value(), settings & 1 ? "New" : "Old");
  EXPECT_EQ(done->next.visibility, wanted.visibility.value_or(now));
}

INSTANTIATE_TEST_SUITE_P(All, Configuring,
                         testing::Combine(testing::Bool(),
                                          testing::Values(Place::outsider, Place::member, Place::owner),
                                          testing::Bool(), testing::Bool(),
                                          testing::Values(Visibility::open, Visibility::restricted),
                                          testing::Values(0, 1, 2, 3, 4, 5)));

TEST(ConversationRules, AModeratorOfOtherConversationsIsNone) {
  auto who = caller(true);
  who.grants = std::vector<Grant>{{"hall", {Verb::moderate}}};
  const ConversationSettings closed{std::nullopt, Visibility::restricted};
  EXPECT_FALSE(room(Visibility::open).configured(who, {}, closed));
}

TEST(Writers, AreNobodyThenOneThenSeveral) {
  Writers writers;
  EXPECT_FALSE(writers.others_than(kCaller));
  EXPECT_TRUE(writers.add(kCaller));
  EXPECT_FALSE(writers.add(kCaller)) << "nothing new";
  EXPECT_FALSE(writers.others_than(kCaller));
  EXPECT_TRUE(writers.others_than(kOther));
  EXPECT_TRUE(writers.add(kOther));
  EXPECT_FALSE(writers.add(kOther));
  EXPECT_TRUE(writers.others_than(kCaller));
  EXPECT_TRUE(writers.others_than(kOther));
}

TEST(Writers, AreKeptAsOneText) {
  Writers writers;
  for (const auto& who : {kCaller, kOther}) {
    EXPECT_EQ(Writers::of(writers.sole()).others_than(kCaller), writers.others_than(kCaller));
    EXPECT_EQ(Writers::of(writers.sole()).others_than(kOther), writers.others_than(kOther));
    writers.add(who);
  }
  EXPECT_TRUE(Writers::of(std::nullopt).others_than(kCaller));
}

}  // namespace
}  // namespace danwa::domain
