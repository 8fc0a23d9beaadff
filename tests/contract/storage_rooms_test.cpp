#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/storage_backend.hpp"
#include "domain/update/update.hpp"
#include "support/refused_changes.hpp"

// What every implementation of the conversation repository must do.
namespace danwa::tests {
namespace {

using domain::MemberRole;
using domain::Visibility;
using Rooms = usecase::ConversationRepository;
using Settings = Rooms::Settings;

Settings titled(const char* title) { return {domain::ConversationTitle::trusted(title), std::nullopt}; }

domain::Result<void> refuse(const Rooms::AccessContext& /*view*/) {
  return domain::fail(domain::forbidden("no", "", "No."));
}

class StorageRooms : public StorageTest {
 protected:
  const domain::UserId ann_ = user("ann");
  const domain::UserId bob_ = user("bob");

  std::vector<domain::Update> log() { return storage_.read(1, domain::kMaxSeq)->updates; }
};

TEST_P(StorageRooms, LeaveNoTraceOfChangesThatWereRefused) { have_all_changes_refused(storage_); }

TEST_P(StorageRooms, AreOpenAndEmptyBeforeAnybodyCame) {
  const auto view = storage_.view(ann_);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->conversation, (domain::Conversation{company(), conversation(), {}, Visibility::open}));
  EXPECT_EQ(view->membership.role, std::nullopt);
  EXPECT_FALSE(view->membership.has_owner);
  EXPECT_EQ(view->head, 0u);
  EXPECT_FALSE(view->exists);
  EXPECT_TRUE(storage_.members()->members.empty());
}

TEST_P(StorageRooms, TakeAMemberInAndTellOfIt) {
  const auto change = storage_.by(ann_);
  const auto joined = storage_.join(change, bob_);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->member, (domain::Member{bob_, MemberRole::member, change.now, 1}));
  ASSERT_TRUE(joined->event);
  ASSERT_EQ(log().size(), 1u);
  EXPECT_EQ(log()[0], domain::to_update(*joined->event));
  EXPECT_EQ(log()[0], (domain::Update{Storage::lobby(), 1, change.now, domain::MemberAdded{change.event, bob_, ann_}}));
  EXPECT_EQ(storage_.view(bob_)->membership.role, MemberRole::member);
  EXPECT_EQ(storage_.view(ann_)->membership.role, std::nullopt);
  EXPECT_FALSE(storage_.view(bob_)->membership.has_owner);
}

TEST_P(StorageRooms, AreNotChangedBySomebodyWhoJoinsTwice) {
  const auto first = storage_.join(storage_.by(bob_), bob_);
  const auto again = storage_.join(storage_.by(ann_), bob_);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->member, first->member);
  EXPECT_FALSE(again->event);
  EXPECT_EQ(storage_.head()->seq, 1u);
}

TEST_P(StorageRooms, LetAMemberGoAndTellOfIt) {
  ASSERT_TRUE(storage_.join(storage_.by(bob_), bob_));
  const auto change = storage_.by(ann_);
  const auto left = storage_.leave(change, bob_);
  ASSERT_TRUE(left && *left);
  EXPECT_EQ((*left)->seq, 2u);
  EXPECT_EQ(log().back(),
            (domain::Update{Storage::lobby(), 2, change.now, domain::MemberRemoved{change.event, bob_, ann_}}));
  EXPECT_EQ(log().back(), domain::to_update(**left));
  EXPECT_EQ(storage_.view(bob_)->membership.role, std::nullopt);
}

TEST_P(StorageRooms, AreNotChangedWhenSomebodyLeavesWhoIsNotThere) {
  EXPECT_EQ(*storage_.leave(storage_.by(bob_), bob_), std::nullopt);
  EXPECT_FALSE(storage_.view()->exists);
  ASSERT_TRUE(storage_.join(storage_.by(bob_), bob_));
  ASSERT_TRUE(storage_.leave(storage_.by(bob_), bob_));
  EXPECT_EQ(*storage_.leave(storage_.by(bob_), bob_), std::nullopt);
  EXPECT_EQ(storage_.head()->seq, 2u);
}

TEST_P(StorageRooms, BelongToWhoSetsThemUpFirst) {
  const auto change = storage_.by(ann_);
  const auto done = storage_.configure(change, {titled("Lobby").title, Visibility::restricted});
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->created);
  EXPECT_EQ(done->view.conversation.title->value(), "Lobby");
  EXPECT_EQ(done->view.conversation.visibility, Visibility::restricted);
  EXPECT_EQ(done->view.membership.role, MemberRole::owner);
  EXPECT_TRUE(done->view.membership.has_owner);
  EXPECT_EQ(done->view.head, 2u);
  ASSERT_EQ(log().size(), 2u);
  EXPECT_EQ(log()[0].body, domain::UpdateBody(domain::MemberAdded{change.second_event, ann_, ann_}));
  EXPECT_EQ(log()[1].body,
            domain::UpdateBody(domain::ConversationUpdated{change.event, domain::ConversationTitle::trusted("Lobby"),
                                                           Visibility::restricted, ann_}));
  ASSERT_EQ(done->joined.size(), 1u);
  EXPECT_EQ(log()[0], domain::to_update(done->joined[0]));
  EXPECT_EQ(log()[1], domain::to_update(*done->changed));
  EXPECT_EQ(storage_.members()->members[0].role, MemberRole::owner);
}

TEST_P(StorageRooms, MakeAMemberTheirOwnerWhileTheyHaveNone) {
  const auto joined = storage_.join(storage_.by(bob_), bob_);
  const auto done = storage_.configure(storage_.by(bob_), titled("Bob's"));
  ASSERT_TRUE(done);
  EXPECT_FALSE(done->created);
  EXPECT_TRUE(done->joined.empty());
  const auto members = storage_.members()->members;
  ASSERT_EQ(members.size(), 1u);
  EXPECT_EQ(members[0].role, MemberRole::owner);
  EXPECT_EQ(members[0].joined_at, joined->member.joined_at);
  EXPECT_EQ(members[0].seq, 1u);
}

TEST_P(StorageRooms, HaveNoOwnerOnceTheLastHasLeft) {
  ASSERT_TRUE(storage_.configure(storage_.by(ann_), titled("Lobby")));
  ASSERT_TRUE(storage_.leave(storage_.by(ann_), ann_));
  EXPECT_FALSE(storage_.view()->membership.has_owner);
  EXPECT_EQ(storage_.view()->conversation.title->value(), "Lobby");
  EXPECT_EQ(storage_.configure(storage_.by(bob_), {})->view.membership.role, MemberRole::owner);
}

TEST_P(StorageRooms, AreNotChangedBySettingsThatTheyHave) {
  ASSERT_TRUE(storage_.configure(storage_.by(ann_), titled("Lobby")));
  const auto same = storage_.configure(storage_.by(ann_), {titled("Lobby").title, Visibility::open});
  ASSERT_TRUE(same);
  EXPECT_FALSE(same->changed || !same->joined.empty() || same->created);
  EXPECT_EQ(same->view.head, 2u);
  EXPECT_EQ(storage_.head()->seq, 2u);
}

TEST_P(StorageRooms, KeepWhatTheSettingsDoNotName) {
  ASSERT_TRUE(storage_.configure(storage_.by(ann_), {titled("Lobby").title, Visibility::restricted}));
  ASSERT_TRUE(storage_.configure(storage_.by(ann_), {std::nullopt, Visibility::open}));
  EXPECT_EQ(storage_.view()->conversation.title->value(), "Lobby");
  ASSERT_TRUE(storage_.configure(storage_.by(ann_), titled("Hall")));
  EXPECT_EQ(storage_.view()->conversation.visibility, Visibility::open);
  ASSERT_TRUE(storage_.configure(storage_.by(ann_), {std::optional<domain::ConversationTitle>{}, std::nullopt}));
  EXPECT_EQ(storage_.view()->conversation.title, std::nullopt);
}

TEST_P(StorageRooms, AskTheRuleOfWhoDoesIt) {
  ASSERT_TRUE(storage_.join(storage_.by(bob_), bob_));
  std::vector<std::optional<MemberRole>> seen;
  const Rooms::Rule look = [&](const Rooms::AccessContext& view) -> domain::Result<void> {
    seen.push_back(view.membership.role);
    return refuse(view);
  };
  EXPECT_EQ(code(storage_.join(storage_.by(bob_), ann_, look).error()), "no");
  EXPECT_EQ(code(storage_.leave(storage_.by(ann_), bob_, look).error()), "no");
  const Rooms::SettingsRule see = [&](const Rooms::AccessContext& view,
                                      const Settings&) -> domain::Result<domain::Reconfiguration> {
    return domain::fail(look(view).error());
  };
  EXPECT_EQ(code(storage_.configure(storage_.by(ann_), titled("x"), see).error()), "no");
  ASSERT_GE(seen.size(), 3u);
  EXPECT_EQ(seen.front(), MemberRole::member);
  EXPECT_EQ(seen.back(), std::nullopt);
  EXPECT_EQ(storage_.head()->seq, 1u);
  EXPECT_EQ(storage_.members()->members.size(), 1u);
}

TEST_P(StorageRooms, TellTheRuleWhomAChangeIsAbout) {
  std::optional<domain::Member> seen;
  const Rooms::Rule look = [&seen](const Rooms::AccessContext& view) -> domain::Result<void> {
    seen = view.member;
    return {};
  };
  ASSERT_TRUE(storage_.join(storage_.by(ann_), bob_, look));
  EXPECT_FALSE(seen) << "no member yet";
  ASSERT_TRUE(storage_.join(storage_.by(ann_), bob_, look));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->user, bob_);
  ASSERT_TRUE(storage_.leave(storage_.by(bob_), ann_, look));
  EXPECT_FALSE(seen);
  ASSERT_TRUE(storage_.leave(storage_.by(ann_), bob_, look));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->user, bob_);
}

TEST_P(StorageRooms, AreNotMadeByWhatIsRefused) {
  const Rooms::SettingsRule never = [](const Rooms::AccessContext& view,
                                       const Settings&) -> domain::Result<domain::Reconfiguration> {
    return domain::fail(refuse(view).error());
  };
  EXPECT_FALSE(storage_.configure(storage_.by(ann_), titled("x"), never));
  EXPECT_FALSE(storage_.join(storage_.by(ann_), ann_, refuse));
  EXPECT_FALSE(storage_.view()->exists);
  EXPECT_TRUE(storage_.conversations(std::nullopt, 10)->empty());
}

TEST_P(StorageRooms, ListTheirMembersInPages) {
  for (const char* name : {"eve", "bob", "dan", "ann", "cat"}) {
    ASSERT_TRUE(storage_.join(storage_.by(ann_), user(name)));
  }
  const auto first = storage_.members({}, 2);
  ASSERT_EQ(first->members.size(), 2u);
  EXPECT_EQ(first->members[0].user, user("ann"));
  EXPECT_EQ(first->members[1].user, user("bob"));
  EXPECT_TRUE(first->more);
  EXPECT_EQ(first->view.head, 5u);
  EXPECT_EQ(first->view.membership.role, MemberRole::member);
  const auto last = storage_.members(user("cat"), 2, user("nobody"));
  ASSERT_EQ(last->members.size(), 2u);
  EXPECT_EQ(last->members[1].user, user("eve"));
  EXPECT_FALSE(last->more);
  EXPECT_EQ(last->view.membership.role, std::nullopt);
}

TEST_P(StorageRooms, NumberAllTheirUpdatesWithoutHoles) {
  ASSERT_TRUE(storage_.configure(storage_.by(ann_), titled("Lobby")));
  ASSERT_TRUE(storage_.add(comment(1)));
  ASSERT_TRUE(storage_.join(storage_.by(bob_), bob_));
  ASSERT_TRUE(storage_.edit(comment_id(1), "edited", at(9)));
  ASSERT_TRUE(storage_.leave(storage_.by(bob_), bob_));
  ASSERT_TRUE(storage_.add(comment(2)));
  ASSERT_TRUE(storage_.remove(comment_id(1), at(10)));
  const auto updates = log();
  ASSERT_EQ(updates.size(), 8u);
  for (std::size_t i = 0; i < updates.size(); ++i) EXPECT_EQ(updates[i].seq, i + 1);
  EXPECT_EQ(storage_.view()->head, 8u);
  const auto page = storage_.list({});
  ASSERT_EQ(page->comments.size(), 1u);  // neither members nor settings are comments
  EXPECT_EQ(page->comments[0].id, comment_id(2));
  EXPECT_EQ(page->head, 8u);
  EXPECT_EQ(std::get<domain::CommentAdded>(updates[2].body).content, std::nullopt);
  EXPECT_EQ(std::get<domain::CommentUpdated>(updates[4].body).content, std::nullopt);
  EXPECT_EQ(std::get<domain::ConversationUpdated>(updates[1].body).title->value(), "Lobby");
}

TEST_P(StorageRooms, OfTwoCompaniesNeverMeet) {
  ASSERT_TRUE(storage_.configure(storage_.by(ann_), {titled("Ours").title, Visibility::restricted}));
  auto elsewhere = storage_.by(bob_);
  elsewhere.company = company("globex");
  const auto theirs = storage_.join(elsewhere, ann_);
  ASSERT_TRUE(theirs);
  EXPECT_EQ(theirs->member.seq, 1u);
  EXPECT_EQ(theirs->member.role, MemberRole::member);
  EXPECT_EQ(storage_.members()->members.size(), 1u);
  EXPECT_EQ(storage_.view(bob_)->membership.role, std::nullopt);
  auto made = comment(1);
  made.company = company("globex");
  made.author = user("cat");
  EXPECT_TRUE(storage_.add(made));  // theirs is open
  EXPECT_EQ(storage_.head()->seq, 2u);
}

DANWA_ON_EVERY_BACKEND(StorageRooms);

}  // namespace
}  // namespace danwa::tests
