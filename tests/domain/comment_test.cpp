#include <gtest/gtest.h>

#include "domain/comment/comment.hpp"
#include "domain/update/update.hpp"

namespace danwa::domain {
namespace {

const CommentId kId{*Uuid::parse("018f0000-0000-7000-8000-000000000001")};
const CompanyId kCompany = CompanyId::trusted("acme");
const UserId kAnn = UserId::trusted("ann");
const UserId kBob = UserId::trusted("bob");
constexpr Timestamp kNow{std::chrono::milliseconds{1000}};
constexpr Timestamp kLater{std::chrono::milliseconds{2000}};

Comment a_comment() { return *CommentFactory{}.create({"hello", "room", "ref-1"}, kId, kCompany, kAnn, kNow); }

TEST(CommentFactory, MakesAnUnsavedCommentOfVersionOne) {
  const Comment comment = a_comment();
  EXPECT_EQ(comment.content.value(), "hello");
  EXPECT_EQ(comment.conversation.value(), "room");
  EXPECT_EQ(comment.client_ref, "ref-1");
  EXPECT_EQ(comment.seq, 0U);
  EXPECT_EQ(comment.version, 1U);
  EXPECT_EQ(comment.created_at, kNow);
}

TEST(CommentFactory, TellsAllMistakesAtOnce) {
  const auto result =
      CommentFactory{}.create({"", std::string(255, 'k'), std::string(65, 'r')}, kId, kCompany, kAnn, kNow);
  ASSERT_FALSE(result);
  ASSERT_EQ(result.error().all().size(), 3U);
  EXPECT_EQ(result.error().all()[0].code, "content-empty");
  EXPECT_EQ(result.error().all()[1].code, "conversationKey-too-long");
  EXPECT_EQ(result.error().all()[2].code, "clientRef-too-long");
}

TEST(CommentFactory, HonoursItsLimitOfContent) {
  EXPECT_FALSE(CommentFactory{3}.create({"four", "room", {}}, kId, kCompany, kAnn, kNow));
  EXPECT_TRUE(CommentFactory{4}.create({"four", "room", {}}, kId, kCompany, kAnn, kNow));
}

TEST(Comment, TheAuthorEditsAndTheVersionGrows) {
  const auto edited = a_comment().edited(kAnn, CommentContent::trusted("bye"), 1, kLater);
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited->content.value(), "bye");
  EXPECT_EQ(edited->version, 2U);
  EXPECT_EQ(edited->updated_at, kLater);
  EXPECT_EQ(edited->created_at, kNow);
}

TEST(Comment, NobodyElseEditsOrRemoves) {
  const auto edited = a_comment().edited(kBob, CommentContent::trusted("bye"), std::nullopt, kLater);
  ASSERT_FALSE(edited);
  EXPECT_EQ(edited.error().first().code, "not-the-author");
  EXPECT_EQ(edited.error().first().kind, ErrorKind::forbidden);
  EXPECT_FALSE(a_comment().removable(kBob, std::nullopt));
  EXPECT_TRUE(a_comment().removable(kAnn, std::nullopt));
}

TEST(Comment, AModeratorRemovesTooButDoesNotEdit) {
  EXPECT_TRUE(a_comment().removable(kBob, 1, true));
  EXPECT_EQ(a_comment().removable(kBob, 2, true).error().first().kind, ErrorKind::precondition_failed);
  EXPECT_FALSE(a_comment().edited(kBob, CommentContent::trusted("bye"), 1, kLater));
}

TEST(Comment, AnotherVersionThanExpectedIsRefused) {
  const auto removed = a_comment().removable(kAnn, 2);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().first().kind, ErrorKind::precondition_failed);
}

TEST(CommentEvent, BecomesTheUpdateThatWatchersSee) {
  Comment comment = a_comment();
  comment.seq = 7;
  const Update added = to_update(CommentSent{comment});
  EXPECT_EQ(added.seq, 7U);
  EXPECT_EQ(added.channel, ChannelKey::conversation(kCompany, comment.conversation));
  EXPECT_EQ(std::get<CommentAdded>(added.body).client_ref, "ref-1");

  const Update updated = to_update(CommentModified{comment, 9});
  EXPECT_EQ(updated.seq, 9U);
  EXPECT_FALSE(std::get<CommentUpdated>(updated.body).redacts);
  EXPECT_TRUE(std::get<CommentUpdated>(to_update(CommentModified{comment, 9, true}).body).redacts);

  const Update deleted = to_update(CommentRemoved{kId, kCompany, comment.conversation, kAnn, kBob, 11, kLater});
  EXPECT_EQ(deleted.seq, 11U);
  EXPECT_EQ(deleted.occurred_at, kLater);
  EXPECT_EQ(deleted.body, UpdateBody(CommentDeleted{kId, kAnn, kBob}));
}

}  // namespace
}  // namespace danwa::domain
