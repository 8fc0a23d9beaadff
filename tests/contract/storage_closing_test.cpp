#include <gtest/gtest.h>

#include <future>
#include <set>
#include <string>
#include <vector>

#include "contract/storage_backend.hpp"
#include "domain/update/update.hpp"

// Who may take a conversation that others use, or shut them out of it: what every implementation decides inside
// its transaction.
namespace danwa::tests {
namespace {

using domain::MemberRole;
using domain::Visibility;
using Rooms = usecase::ConversationRepository;
using Settings = Rooms::Settings;

using People = std::set<std::string>;

const Settings kPrivate{std::nullopt, Visibility::restricted};
const Settings kOpen{std::nullopt, Visibility::open};
const Settings kNothing{};

class StorageClosing : public StorageTest {
 protected:
  const domain::UserId ann_ = user("ann");
  const domain::UserId bob_ = user("bob");
  const domain::UserId eve_ = user("eve");

  /// A token without grants: may read and send in what is open.
  static domain::Credential plain(const domain::UserId& who) { return {company(), who, {}, {}, {}, false}; }

  static Rooms::SettingsRule rule_of(domain::Credential who) {
    return [who = std::move(who)](const Rooms::AccessContext& view, const Settings& wanted) {
      return view.conversation.configured(who, view.membership, wanted);
    };
  }
  domain::Result<Rooms::Configured> sets(const domain::UserId& who, const Settings& wanted) {
    return storage_.configure(storage_.by(who), wanted, rule_of(plain(who)));
  }
  domain::Result<Rooms::Configured> moderates(const std::string& who, const Settings& wanted) {
    return storage_.configure(storage_.by(user(who)), wanted, rule_of(moderator(who)));
  }
  bool posts(std::uint64_t n, const domain::UserId& author) {
    auto made = comment(n);
    made.author = author;
    return storage_.add(std::move(made)).has_value();
  }
  People members() {
    People names;
    const auto page = storage_.members();
    for (const auto& member : page->members) {
      names.insert(member.user.value() + (member.role == MemberRole::owner ? "!" : ""));
    }
    return names;
  }
  void expect_refused(const domain::Result<Rooms::Configured>& done) {
    ASSERT_FALSE(done);
    EXPECT_EQ(code(done.error()), "not-an-owner");
    EXPECT_EQ(done.error().first().kind, domain::ErrorKind::forbidden);
    EXPECT_EQ(done.error().first().resource, "visibility");
  }
};

TEST_P(StorageClosing, IsForTheSoleWriterWhoOwnsItThen) {
  ASSERT_TRUE(posts(1, ann_) && posts(2, ann_));
  const auto done = sets(ann_, kPrivate);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->view.membership.role, MemberRole::owner);
  EXPECT_EQ(members(), People{"ann!"});
}

TEST_P(StorageClosing, IsNotForSomebodyWhereOthersHaveWritten) {
  ASSERT_TRUE(posts(1, ann_));
  expect_refused(sets(eve_, kPrivate));
  ASSERT_TRUE(posts(2, eve_));
  expect_refused(sets(eve_, kPrivate));
  expect_refused(sets(ann_, kPrivate));
  EXPECT_EQ(members(), People{});
  EXPECT_EQ(storage_.head()->seq, 2u);
  EXPECT_TRUE(posts(3, ann_));
}

TEST_P(StorageClosing, IsNotForSomebodyWhereOthersHadWrittenWhatWasRemoved) {
  ASSERT_TRUE(posts(1, ann_));
  ASSERT_TRUE(storage_.remove(comment_id(1), at(9)));
  expect_refused(sets(eve_, kPrivate));
}

TEST_P(StorageClosing, IsNotForSomebodyWhereOthersAreMembers) {
  ASSERT_TRUE(storage_.join(storage_.by(ann_), ann_));
  expect_refused(sets(eve_, kPrivate));
  ASSERT_TRUE(storage_.join(storage_.by(eve_), eve_));
  expect_refused(sets(eve_, kPrivate));
  ASSERT_TRUE(storage_.leave(storage_.by(ann_), ann_));
  EXPECT_TRUE(sets(eve_, kPrivate));
}

TEST_P(StorageClosing, ChangesNoOwnerByASettingThatChangesNothing) {
  ASSERT_TRUE(posts(1, ann_));
  for (const auto& same : {kNothing, kOpen}) {
    const auto done = sets(eve_, same);
    ASSERT_TRUE(done);
    EXPECT_FALSE(done->changed);
    EXPECT_FALSE(done->view.membership.has_owner);
  }
  EXPECT_EQ(members(), People{});
  EXPECT_EQ(storage_.head()->seq, 1u);
}

TEST_P(StorageClosing, ByAModeratorMakesThemOwnerAndKeepsWhoeverWrote) {
  ASSERT_TRUE(posts(1, bob_) && posts(2, ann_) && posts(3, bob_) && posts(4, eve_));
  ASSERT_TRUE(storage_.remove(comment_id(4), at(9)));  // nothing of hers is left
  const auto done = moderates("mod", kPrivate);
  ASSERT_TRUE(done);
  EXPECT_EQ(members(), (People{"ann", "bob", "mod!"}));
  EXPECT_TRUE(posts(5, ann_) && posts(6, bob_));
  EXPECT_FALSE(posts(7, eve_));
  const auto log = storage_.read(1, domain::kMaxSeq)->updates;
  ASSERT_EQ(log.size(), 11u);
  ASSERT_EQ(done->joined.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(log[5 + i], domain::to_update(done->joined[i]));
  EXPECT_EQ(log[8], domain::to_update(*done->changed));
  const auto& second = std::get<domain::MemberAdded>(log[6].body);
  EXPECT_EQ(std::pair(second.user, second.by), std::pair(ann_, user("mod")));
}

TEST_P(StorageClosing, ByAnOwnerKeepsWhoeverWroteToo) {
  ASSERT_TRUE(sets(ann_, kNothing));
  ASSERT_TRUE(posts(1, bob_) && posts(2, ann_));
  ASSERT_TRUE(storage_.join(storage_.by(eve_), eve_));
  const auto done = sets(ann_, kPrivate);
  ASSERT_TRUE(done);
  EXPECT_EQ(members(), (People{"ann!", "bob", "eve"}));
  ASSERT_EQ(done->joined.size(), 1u);
  ASSERT_TRUE(storage_.leave(storage_.by(ann_), bob_));  // turned out is turned out
  EXPECT_FALSE(posts(3, bob_));
  ASSERT_TRUE(sets(ann_, {domain::ConversationTitle::trusted("T"), Visibility::restricted}));
  EXPECT_EQ(members(), (People{"ann!", "eve"}));
}

TEST_P(StorageClosing, DoesNotLetThoseInWhoWereTurnedOut) {
  ASSERT_TRUE(sets(ann_, kNothing));
  for (const auto& [n, who] : {std::pair{1, bob_}, {2, eve_}}) {
    ASSERT_TRUE(storage_.join(storage_.by(who), who));
    ASSERT_TRUE(posts(std::uint64_t(n), who));
  }
  ASSERT_TRUE(storage_.leave(storage_.by(ann_), bob_));  // by the owner
  ASSERT_TRUE(storage_.leave(storage_.by(eve_), eve_));  // by herself
  ASSERT_TRUE(posts(3, bob_));                           // it is open still
  ASSERT_TRUE(sets(ann_, kPrivate));
  EXPECT_EQ(members(), (People{"ann!", "eve"}));
  ASSERT_TRUE(storage_.join(storage_.by(ann_), bob_));
  ASSERT_TRUE(sets(ann_, kOpen) && sets(ann_, kPrivate));
  EXPECT_EQ(members(), (People{"ann!", "bob", "eve"}));
}

TEST_P(StorageClosing, IsNotUndoneBySomebodyWhoDoesNotOwnIt) {
  ASSERT_TRUE(posts(1, ann_) && posts(2, bob_));
  ASSERT_TRUE(moderates("mod", kPrivate));
  EXPECT_EQ(code(sets(ann_, kOpen).error()), "not-an-owner");
  ASSERT_TRUE(storage_.leave(storage_.by(user("mod")), user("mod")));
  expect_refused(sets(ann_, kOpen));  // now nobody owns what both of them wrote
  EXPECT_TRUE(moderates("mod", kOpen));
}

TEST_P(StorageClosing, IsDecidedBeforeOrBehindAPostOfTheSameMoment) {
  std::size_t closed = 0;
  for (std::uint64_t round = 0; round < 20; ++round) {
    const auto room = conversation("race-" + std::to_string(round));
    auto made = comment(2 * round + 1);
    made.author = bob_;
    made.conversation = room;
    std::future<domain::Result<usecase::CommentRepository::Added>> post;
    if (round % 2 == 0) post = storage_.start_add(made);
    auto closing = storage_.start_configure(storage_.by(ann_, room), kPrivate, rule_of(plain(ann_)));
    if (round % 2 == 1) post = storage_.start_add(made);
    const bool owned = closing.get().has_value();
    EXPECT_NE(owned, post.get().has_value()) << "round " << round;
    closed += owned ? 1u : 0u;
    const auto view = storage_.view(bob_, room);
    EXPECT_EQ(view->conversation.enter(view->membership).has_value(), !owned);
  }
  EXPECT_GT(closed, 0u);
}

DANWA_ON_EVERY_BACKEND(StorageClosing);

}  // namespace
}  // namespace danwa::tests
