#include "domain/update/update.hpp"

#include <gtest/gtest.h>

#include "support/comments.hpp"

namespace danwa::domain {
namespace {

using tests::comment_id;
using tests::user;

const auto kText = CommentContent::trusted("hi");
const UpdateBody kAdded = CommentAdded{comment_id(1), user("ann"), kText, "mark"};
const UpdateBody kEdited = CommentUpdated{comment_id(1), user("ann"), kText};
const UpdateBody kRedacting = CommentUpdated{comment_id(1), user("ann"), kText, true};
const UpdateBody kDeleted = CommentDeleted{comment_id(1), user("ann"), user("mod")};
const UpdateBody kLeft = MemberRemoved{{}, user("bob"), user("ann")};
const UpdateBody kClosed = ConversationUpdated{{}, {}, Visibility::restricted, user("ann")};
const UpdateBody kOpened = ConversationUpdated{{}, {}, Visibility::open, user("ann")};

TEST(Update, IsAboutACommentOrNone) {
  for (const auto& body : {kAdded, kEdited, kDeleted}) EXPECT_EQ(*comment_of(body), comment_id(1));
  for (const auto& body : {kLeft, kClosed}) EXPECT_EQ(comment_of(body), nullptr);
}

TEST(Update, TakesTheEarlierTextsOfItsComment) {
  for (const auto& body : {kDeleted, kRedacting}) EXPECT_TRUE(takes_text(body));
  for (const auto& body : {kAdded, kEdited, kLeft, kClosed}) EXPECT_FALSE(takes_text(body));
}

TEST(Update, MayEndTheRightOfWhoLeavesAndOfEverybodyOnceItIsPrivate) {
  EXPECT_TRUE(may_revoke(kLeft, user("bob")));
  EXPECT_FALSE(may_revoke(kLeft, user("ann")));
  EXPECT_TRUE(may_revoke(kClosed, user("ann")));
  for (const auto& body : {kOpened, kAdded, kDeleted}) EXPECT_FALSE(may_revoke(body, user("ann")));
}

TEST(Update, LosesItsTextAndWhatItsSenderSaid) {
  const auto channel = ChannelKey::conversation(tests::company(), tests::conversation());
  for (const auto& body : {kAdded, kEdited, kRedacting}) EXPECT_TRUE(holds_text(body));
  for (const auto& body : {kDeleted, kLeft}) EXPECT_FALSE(holds_text(body));
  const auto without = [&channel](const UpdateBody& body) { return without_text({channel, 7, {}, body}).body; };
  EXPECT_EQ(without(kAdded), UpdateBody(CommentAdded{comment_id(1), user("ann"), std::nullopt, std::nullopt}));
  EXPECT_EQ(without(kRedacting), UpdateBody(CommentUpdated{comment_id(1), user("ann"), std::nullopt, true}));
  for (const auto& body : {kDeleted, kLeft, kClosed}) EXPECT_EQ(without(body), body);
}

}  // namespace
}  // namespace danwa::domain
