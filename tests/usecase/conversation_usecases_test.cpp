#include <gtest/gtest.h>

#include "support/run_async.hpp"
#include "usecase/conversations.hpp"
#include "usecase/one_conversation.hpp"
#include "usecase/updates.hpp"

namespace danwa::usecase {
namespace {

using domain::MemberRole;
using domain::Verb;
using domain::Visibility;

struct CountingIds final : IdGenerator {
  domain::Uuid::Bytes bytes{};
  domain::Uuid next() override {
    ++bytes[15];
    return domain::Uuid{bytes};
  }
};

template <class T>
std::string code(const domain::Result<T>& result) {
  return result ? "none" : result.error().first().code;
}

struct ConversationUsecases : testing::Test {
  OneRoom rooms;
  Published bus;
  CountingIds ids;
  FixedClock clock;
  ConversationAccess access{rooms.repository};
  GetConversation get{access};
  ConfigureConversation configure{{rooms.repository, bus, ids, clock}};
  JoinConversation join{{rooms.repository, bus, ids, clock}};
  LeaveConversation leave{{rooms.repository, bus, ids, clock}};
  ListMembers members{rooms.repository};
  WatchConversation watch{access};

  const domain::Credential ann = person("ann");
  const domain::Credential bob = person("bob");

  auto joins(const domain::Credential& who, const char* user) { return run(join.execute({"room", user}, who)); }
  auto leaves(const domain::Credential& who, const char* user) {
    return run(leave.execute({"room", user}, who)).map([](LeaveConversation::Output done) { return done.left; });
  }
  auto sets(const domain::Credential& who, std::optional<std::optional<std::string>> title,
            std::optional<std::string> visibility) {
    return run(configure.execute({"room", std::move(title), std::move(visibility)}, who));
  }
  auto shows(const domain::Credential& who) { return run(get.execute("room", who)); }
};

TEST_F(ConversationUsecases, JoiningTellsEverybodyOnce) {
  const auto first = joins(ann, "ann");
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->joined);
  const auto again = joins(ann, "ann");
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->joined);
  EXPECT_EQ(again->member, first->member);
  ASSERT_EQ(bus.events.size(), 1U);
  const auto& told = std::get<domain::MemberJoined>(bus.events[0]);
  EXPECT_EQ(told.user, ann.user);
  EXPECT_EQ(told.seq, first->member.seq);
}

TEST_F(ConversationUsecases, OnlyMembersBringSomebodyAlong) {
  EXPECT_EQ(code(joins(ann, "bob")), "not-granted");
  joins(ann, "ann");
  ASSERT_TRUE(joins(ann, "bob"));
  EXPECT_EQ(std::get<domain::MemberJoined>(bus.events.back()).by, ann.user);
}

TEST_F(ConversationUsecases, APrivateRoomIsEnteredByInvitation) {
  rooms.let_in("ann");
  rooms.close();
  EXPECT_EQ(code(joins(bob, "bob")), "not-a-member");
  EXPECT_TRUE(joins(ann, "bob"));
  EXPECT_TRUE(joins(bob, "bob"));
}

TEST_F(ConversationUsecases, LeavingTellsEverybodyOnce) {
  joins(ann, "ann");
  EXPECT_EQ(leaves(ann, "ann"), domain::Result<bool>{true});
  EXPECT_EQ(leaves(ann, "ann"), domain::Result<bool>{false});
  ASSERT_EQ(bus.events.size(), 2U);
  EXPECT_EQ(std::get<domain::MemberLeft>(bus.events[1]).user, ann.user);
}

TEST_F(ConversationUsecases, OnlyAnOwnerOrModeratorEndsAnothersMembership) {
  rooms.let_in("ann", MemberRole::owner);
  rooms.let_in("bob");
  rooms.let_in("eve");
  EXPECT_EQ(code(leaves(bob, "eve")), "not-an-owner");
  EXPECT_TRUE(leaves(ann, "eve"));
  EXPECT_TRUE(leaves(granted(person("mod"), "ro*", {Verb::moderate}), "bob"));
}

TEST_F(ConversationUsecases, TheFirstToSetUpOwnsTheRoom) {
  const auto done = sets(ann, "Night shift", "private");
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->created);
  EXPECT_EQ(done->view.membership.role, MemberRole::owner);
  ASSERT_EQ(bus.events.size(), 2U);
  EXPECT_EQ(std::get<domain::MemberJoined>(bus.events[0]).seq, 1U) << "first the member, in the order of the log";
  EXPECT_EQ(std::get<domain::ConversationChanged>(bus.events[1]).seq, 2U);
  EXPECT_EQ(code(sets(bob, {}, "open")), "not-a-member");
}

TEST_F(ConversationUsecases, SettingWhatIsSoTellsNobody) {
  sets(ann, "Night shift", {});
  const auto before = bus.events.size();
  const auto again = sets(ann, "Night shift", "open");
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->created);
  EXPECT_EQ(bus.events.size(), before);
}

TEST_F(ConversationUsecases, ATitleCanBeTakenAwayAndLeftAlone) {
  sets(ann, "Night shift", {});
  EXPECT_EQ(sets(ann, std::nullopt, "open")->view.conversation.title->value(), "Night shift");
  EXPECT_FALSE(sets(ann, std::optional<std::string>{}, {})->view.conversation.title);
}

TEST_F(ConversationUsecases, SettingsAreCheckedAllAtOnce) {
  const auto parsed = ConfigureConversation::parse({"..", std::string(201, 'x'), "secret"});
  ASSERT_FALSE(parsed);
  std::vector<std::string> codes;
  for (const auto& error : parsed.error().all()) codes.push_back(error.code);
  EXPECT_EQ(codes, (std::vector<std::string>{"conversationKey-dot-segment", "title-too-long", "visibility-unknown"}));
}

TEST_F(ConversationUsecases, ChangesNeedANameAndAGrantThatWrites) {
  const auto reader = granted(ann, "*", {Verb::read});
  for (const auto& [who, expected] : {std::pair{nobody(), "token-required"}, {reader, "not-granted"}}) {
    EXPECT_EQ(code(joins(who, "ann")), expected);
    EXPECT_EQ(code(leaves(who, "ann")), expected);
    EXPECT_EQ(code(sets(who, "x", {})), expected);
  }
  EXPECT_TRUE(bus.events.empty());
  EXPECT_EQ(rooms.head(), 0U);
}

TEST_F(ConversationUsecases, ARoomThatNobodyKnowsIsOpenAndEmpty) {
  const auto view = shows(ann);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->head, 0U);
  EXPECT_EQ(view->conversation.visibility, Visibility::open);
  EXPECT_FALSE(view->membership.role);
}

TEST_F(ConversationUsecases, APrivateRoomShowsItselfToItsMembersAlone) {
  rooms.let_in("ann");
  rooms.close();
  EXPECT_TRUE(shows(ann));
  EXPECT_TRUE(run(members.execute({"room", {}}, ann)));
  EXPECT_TRUE(run(watch.execute({"room", {}}, ann)));
  for (const auto& outsider : {bob, nobody(), granted(bob, "*", {Verb::read, Verb::send, Verb::moderate})}) {
    EXPECT_EQ(code(shows(outsider)), "not-a-member");
    EXPECT_EQ(code(run(members.execute({"room", {}}, outsider))), "not-a-member");
    EXPECT_EQ(code(run(watch.execute({"room", {}}, outsider))), "not-a-member");
  }
}

TEST_F(ConversationUsecases, AMemberWhoIsCalledAnonymousLetsNobodyInWhoHasNoName) {
  rooms.let_in("anonymous");
  rooms.close();
  EXPECT_TRUE(shows(person("anonymous")));
  EXPECT_EQ(code(shows(nobody())), "not-a-member");
  EXPECT_EQ(code(run(watch.execute({"room", {}}, nobody()))), "not-a-member");
}

TEST_F(ConversationUsecases, MembersComeInPagesByUserId) {
  for (const char* user : {"cid", "ann", "bob"}) rooms.let_in(user);
  const auto first = run(members.execute({"room", {}, 2}, ann));
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->more);
  EXPECT_EQ(first->members.back().user.value(), "bob");
  const auto rest = run(members.execute({"room", first->members.back().user, 2}, ann));
  ASSERT_EQ(rest->members.size(), 1U);
  EXPECT_FALSE(rest->more);
  EXPECT_EQ(code(run(members.execute({"room", {}, 1001}, ann))), "limit-out-of-range");
}

TEST_F(ConversationUsecases, AWatchIsGuardedFromWhereItWasAllowed) {
  rooms.let_in("ann");
  const auto allowed = run(watch.execute({"room", domain::Cursor{std::nullopt, 0}, Delivery::latest}, ann));
  ASSERT_TRUE(allowed);
  ASSERT_TRUE(allowed->guard);
  EXPECT_EQ(allowed->guard->user, ann.user);
  EXPECT_EQ(allowed->guard->checked_through, 1U);
  EXPECT_EQ(allowed->presence, ann.user);
  EXPECT_FALSE(allowed->merged);
  EXPECT_FALSE(run(watch.execute({"room", {}}, nobody()))->presence);
}

TEST_F(ConversationUsecases, AccessIsLookedUpAgain) {
  rooms.let_in("ann");
  const AccessGuard guard{ann.company, rooms.key, ann.user, 1};
  rooms.close();
  EXPECT_TRUE(run(access.check(guard))->allowed);
  rooms.turn_all_out();
  rooms.memory.append(rooms.channel, {}, domain::MemberRemoved{domain::Uuid{}, ann.user, ann.user});
  const auto after = run(access.check(guard));
  EXPECT_FALSE(after->allowed);
  EXPECT_EQ(after->checked_through, 2U);
}

}  // namespace
}  // namespace danwa::usecase
