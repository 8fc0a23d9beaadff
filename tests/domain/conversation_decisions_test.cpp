#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/conversation/decisions.hpp"

// The rules of conversations and their members, which every storage calls.
namespace danwa::domain::conversation_decisions {
namespace {

const CompanyId kAcme = CompanyId::trusted("acme");
const UserId kAnn = UserId::trusted("ann");
const UserId kBob = UserId::trusted("bob");
const UserId kEve = UserId::trusted("eve");
constexpr Timestamp kNow{std::chrono::milliseconds{1000}};
constexpr Seq kHead = 6;

Uuid id(std::uint8_t last) {
  Uuid::Bytes bytes{};
  bytes[15] = last;
  return Uuid{bytes};
}

ConversationChange by(const UserId& user) {
  return {kAcme, ConversationKey::trusted("room"), user, kNow, id(1), id(2), [next = std::uint8_t{3}]() mutable {
            return id(next++);
          }};
}

ConversationView view(Visibility visibility = Visibility::open, Membership membership = {}) {
  return {{kAcme, ConversationKey::trusted("room"), {}, visibility}, membership, kHead, true, "e", {}};
}

Credential called(const UserId& user, bool moderates = false) {
  Credential who{kAcme, user, {}, {}, {}, false};
  if (moderates) who.grants = std::vector<Grant>{{"*", {Verb::moderate}}};
  return who;
}

SettingsRule rule_of(Credential who) {
  return [who = std::move(who)](const ConversationView& seen, const ConversationSettings& wanted) {
    return seen.conversation.configured(who, seen.membership, wanted);
  };
}

const ConversationSettings kPrivate{std::nullopt, Visibility::restricted};
const ConversationSettings kTitled{ConversationTitle::trusted("Lobby"), std::nullopt};
constexpr Membership kAlone{std::nullopt, false, true};

Result<void> allow(const ConversationView& /*seen*/) { return {}; }
Result<void> never(const ConversationView& /*seen*/) { return fail(forbidden("no", "", "No.")); }

TEST(DecideConfigure, MakesTheSoleUserTheOwnerFirst) {
  const auto done =
      decide_configure({view(Visibility::open, kAlone), {}, {}}, by(kAnn), kTitled, rule_of(called(kAnn)));
  ASSERT_TRUE(done);
  ASSERT_EQ(done->joined.size(), 1U);
  EXPECT_EQ(done->joined[0].id, id(2));
  EXPECT_EQ(done->joined[0].seq, kHead + 1);
  EXPECT_EQ(done->members, (std::vector<Member>{{kAnn, MemberRole::owner, kNow, kHead + 1}}));
  ASSERT_TRUE(done->changed);
  EXPECT_EQ(done->changed->id, id(1));
  EXPECT_EQ(done->changed->seq, kHead + 2);
  EXPECT_EQ(done->changed->conversation, done->view.conversation);
  EXPECT_EQ(done->view.conversation.title->value(), "Lobby");
  EXPECT_EQ(done->view.membership.role, MemberRole::owner);
  EXPECT_TRUE(done->view.membership.has_owner);
  EXPECT_EQ(done->view.head, kHead + 2);
  EXPECT_FALSE(done->created);
}

TEST(DecideConfigure, CreatesWhatNobodyHasUsed) {
  auto unused = view(Visibility::open, kAlone);
  unused.exists = false;
  unused.head = 0;
  const auto done = decide_configure({unused, {}, {}}, by(kAnn), {}, rule_of(called(kAnn)));
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->created);
  EXPECT_TRUE(done->view.exists);
  EXPECT_EQ(done->changed->seq, 2U);
}

TEST(DecideConfigure, MakesAMemberTheOwnerWithoutTellingSo) {
  const Member self{kAnn, MemberRole::member, Timestamp{}, 2};
  const auto seen = view(Visibility::open, {MemberRole::member, false, true});
  const auto done = decide_configure({seen, self, {}}, by(kAnn), kTitled, rule_of(called(kAnn)));
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->joined.empty());
  EXPECT_EQ(done->members, (std::vector<Member>{{kAnn, MemberRole::owner, Timestamp{}, 2}}));
  EXPECT_EQ(done->changed->seq, kHead + 1);
}

TEST(DecideConfigure, WritesNothingWhenAllIsSoAlready) {
  const auto seen = view(Visibility::open, {MemberRole::owner, true, true});
  const auto done = decide_configure({seen, {}, {}}, by(kAnn), {std::nullopt, Visibility::open}, rule_of(called(kAnn)));
  ASSERT_TRUE(done);
  EXPECT_FALSE(done->changed || !done->joined.empty() || !done->members.empty() || done->created);
  EXPECT_EQ(done->view.head, kHead);
}

TEST(DecideConfigure, LeavesTheTitleToAnybodyAndMakesNoOwnerByIt) {
  const auto done = decide_configure({view(), {}, {}}, by(kEve), kTitled, rule_of(called(kEve)));
  ASSERT_TRUE(done && done->changed);
  EXPECT_TRUE(done->joined.empty() && done->members.empty());
  EXPECT_FALSE(done->view.membership.has_owner);
  const auto closed = decide_configure({view(), {}, {}}, by(kEve), kPrivate, rule_of(called(kEve)));
  EXPECT_EQ(closed.error().first().code, "not-an-owner");
  EXPECT_EQ(closed.error().first().resource, "visibility");
}

TEST(DecideConfigure, KeepsTheAuthorsOfWhatItCloses) {
  const auto done = decide_configure({view(), {}, {kAnn, kBob, kEve}}, by(kEve), kPrivate, rule_of(called(kEve, true)));
  ASSERT_TRUE(done);
  ASSERT_EQ(done->joined.size(), 3U);
  const std::vector<Member> kept{{kEve, MemberRole::owner, kNow, kHead + 1},
                                 {kAnn, MemberRole::member, kNow, kHead + 2},
                                 {kBob, MemberRole::member, kNow, kHead + 3}};
  EXPECT_EQ(done->members, kept) << "who closes it is its owner, and no member besides";
  for (std::size_t n = 0; n < kept.size(); ++n) {
    EXPECT_EQ(done->joined[n].user, kept[n].user);
    EXPECT_EQ(done->joined[n].seq, kept[n].seq);
    EXPECT_EQ(done->joined[n].by, kEve);
    EXPECT_EQ(done->joined[n].id, id(static_cast<std::uint8_t>(n + 2)));
  }
  EXPECT_EQ(done->changed->seq, kHead + 4);
}

TEST(DecideConfigure, MakesAModeratorWhoWroteAMemberWhereSomebodyOwnsIt) {
  const auto seen = view(Visibility::open, {std::nullopt, true, false});
  const auto done = decide_configure({seen, {}, {kEve}}, by(kEve), kPrivate, rule_of(called(kEve, true)));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->members, (std::vector<Member>{{kEve, MemberRole::member, kNow, kHead + 1}}));
  EXPECT_EQ(done->view.membership.role, MemberRole::member);
}

TEST(DecideConfigure, WantsToKnowAuthorsOnlyWhereItMayClose) {
  const auto open = view().conversation;
  const auto closed = view(Visibility::restricted).conversation;
  EXPECT_TRUE(may_close(open, kPrivate));
  EXPECT_FALSE(may_close(closed, kPrivate));
  EXPECT_FALSE(may_close(open, kTitled));
  EXPECT_FALSE(may_close(open, {std::nullopt, Visibility::open}));
}

TEST(DecideJoin, MakesAMemberUnderTheNextSeq) {
  const auto done = decide_join(view(), by(kAnn), kBob, allow);
  ASSERT_TRUE(done && done->event);
  EXPECT_EQ(done->member, (Member{kBob, MemberRole::member, kNow, kHead + 1}));
  EXPECT_EQ(done->event->id, id(1));
  EXPECT_EQ(done->event->user, kBob);
  EXPECT_EQ(done->event->by, kAnn);
  EXPECT_EQ(done->event->seq, kHead + 1);
}

TEST(DecideJoin, LeavesAMemberAsTheyAre) {
  auto seen = view();
  seen.member = Member{kBob, MemberRole::owner, Timestamp{}, 2};
  const auto done = decide_join(seen, by(kAnn), kBob, allow);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->member, *seen.member);
  EXPECT_FALSE(done->event);
}

TEST(DecideLeave, EndsAMembershipThatIsThere) {
  EXPECT_FALSE(decide_leave(view(), by(kAnn), kBob, allow)->has_value());
  auto seen = view();
  seen.member = Member{kBob, MemberRole::member, Timestamp{}, 2};
  const auto left = decide_leave(seen, by(kAnn), kBob, allow);
  ASSERT_TRUE(left && *left);
  EXPECT_EQ((*left)->user, kBob);
  EXPECT_EQ((*left)->by, kAnn);
  EXPECT_EQ((*left)->seq, kHead + 1);
}

TEST(DecideMembership, AsksTheRuleFirst) {
  auto seen = view();
  seen.member = Member{kBob, MemberRole::member, Timestamp{}, 2};
  EXPECT_EQ(decide_join(seen, by(kAnn), kBob, never).error().first().code, "no");
  EXPECT_EQ(decide_leave(seen, by(kAnn), kBob, never).error().first().code, "no");
}

}  // namespace
}  // namespace danwa::domain::conversation_decisions
