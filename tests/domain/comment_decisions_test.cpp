#include <gtest/gtest.h>

#include <string>

#include "domain/comment/comment.hpp"
#include "domain/comment/decisions.hpp"
#include "domain/notification/notification.hpp"

// The rules of comments and idempotency keys, which every storage calls.
namespace danwa::domain::comment_decisions {
namespace {

const CompanyId kAcme = CompanyId::trusted("acme");
const UserId kAuthor = UserId::trusted("ann");
constexpr Timestamp kMade{std::chrono::milliseconds{1000}};
constexpr Timestamp kChanged{std::chrono::milliseconds{2000}};
const IdempotencyKey kKey{"k1", "hash"};
const Errors kRefusal = validation_error("content-too-long", "content", "Too long.");
const Result<void> kOutside = fail(forbidden("not-a-member", "conversation", "Private."));

Comment made(Seq seq = 0) {
  const CommentId id{*Uuid::parse("018f0000-0000-7000-8000-000000000001")};
  auto comment = *CommentFactory{}.create({"hello", "room", "mark"}, id, kAcme, kAuthor, kMade);
  comment.seq = seq;
  return comment;
}

Credential called(const char* name, std::optional<std::vector<Grant>> grants = {}) {
  Credential who{kAcme, UserId::trusted(name), {}, {}, {}, false};
  who.grants = std::move(grants);
  return who;
}

CommentEdit edit(std::optional<std::uint64_t> expected = {}) {
  return {CommentContent::trusted("bye"), expected, false, kChanged};
}

template <class T>
std::string code(const Result<T>& result) {
  return result ? "done" : result.error().first().code;
}

TEST(DecideAdd, TakesTheNextSeq) {
  const auto added = decide_add({.entered = {}, .earlier = {}, .head = 6}, made(), kKey, std::nullopt);
  ASSERT_TRUE(added);
  EXPECT_FALSE(added->replayed);
  EXPECT_EQ(added->comment.seq, 7U);
  EXPECT_EQ(added->comment.content.value(), "hello");
}

TEST(DecideAdd, AnswersARetryWithTheCommentAsItIsNow) {
  auto earlier = made(3);
  earlier.version = 2;
  const auto again = decide_add({{}, EarlierComment{"hash", earlier}, 6}, made(), kKey, std::nullopt);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->comment.seq, 3U);
  EXPECT_EQ(again->comment.version, 2U);
}

TEST(DecideAdd, RefusesAKeyThatCameWithAnotherRequest) {
  const auto reused = decide_add({{}, EarlierComment{"other", made(3)}, 6}, made(), kKey, std::nullopt);
  EXPECT_EQ(code(reused), "idempotency-key-reused");
  EXPECT_EQ(reused.error().first().kind, ErrorKind::validation);
  EXPECT_EQ(reused.error().first().resource, "Idempotency-Key");
}

TEST(DecideAdd, AnswersEveryRequestOnceTheHashWentWithTheText) {
  EXPECT_TRUE(decide_add({{}, EarlierComment{"", made(3)}, 6}, made(), kKey, std::nullopt)->replayed);
}

TEST(DecideAdd, TellsThatTheCommentOfAKeyIsGoneWhateverTheRequest) {
  for (const char* hash : {"hash", "other", ""}) {
    const auto gone = decide_add({{}, EarlierComment{hash, std::nullopt}, 6}, made(), kKey, std::nullopt);
    EXPECT_EQ(code(gone), "comment-removed");
    EXPECT_EQ(gone.error().first().kind, ErrorKind::conflict);
  }
}

TEST(DecideAdd, AnswersARetryOfWhatThisNodeWouldRefuseNow) {
  EXPECT_EQ(code(decide_add({{}, {}, 6}, made(), kKey, kRefusal)), "content-too-long");
  EXPECT_EQ(code(decide_add({{}, {}, 6}, made(), std::nullopt, kRefusal)), "content-too-long");
  EXPECT_TRUE(decide_add({{}, EarlierComment{"hash", made(3)}, 6}, made(), kKey, kRefusal)->replayed);
  EXPECT_EQ(code(decide_add({{}, EarlierComment{"other", made(3)}, 6}, made(), kKey, kRefusal)),
            "idempotency-key-reused");
}

TEST(DecideAdd, TellsOutsidersNothingOfTheirRetries) {
  EXPECT_EQ(code(decide_add({kOutside, {}, 6}, made(), kKey, std::nullopt)), "not-a-member");
  EXPECT_EQ(code(decide_add({kOutside, EarlierComment{"hash", made(3)}, 6}, made(), kKey, kRefusal)), "not-a-member");
  EXPECT_EQ(code(decide_add({kOutside, EarlierComment{"hash", std::nullopt}, 6}, made(), kKey, {})), "not-a-member");
}

TEST(DecideEdit, IsForTheAuthorInside) {
  const auto next = decide_edit(called("ann"), made(3), {}, edit(1));
  ASSERT_TRUE(next);
  EXPECT_EQ(next->content.value(), "bye");
  EXPECT_EQ(next->version, 2U);
  EXPECT_EQ(next->client_ref, "mark");
  EXPECT_EQ(code(decide_edit(called("bob"), made(3), {}, edit())), "not-the-author");
  EXPECT_EQ(code(decide_edit(called("ann"), made(3), {}, edit(7))), "version-mismatch");
}

TEST(DecideEdit, TellsOutsidersNothingElseOfTheComment) {
  EXPECT_EQ(code(decide_edit(called("ann"), made(3), kOutside, edit())), "not-a-member") << "not even the author";
  EXPECT_EQ(code(decide_edit(called("bob"), made(3), kOutside, edit())), "not-a-member") << "that it is another's";
  EXPECT_EQ(code(decide_edit(called("ann"), made(3), kOutside, edit(7))), "not-a-member") << "its version";
  const auto reader = called("ann", std::vector<Grant>{{"*", {Verb::read}}});
  EXPECT_EQ(code(decide_edit(reader, made(3), kOutside, edit())), "not-a-member");
  EXPECT_EQ(code(decide_edit(reader, made(3), {}, edit())), "not-granted");
}

TEST(DecideEdit, HidesACommentFromWhoeverMayNotReadIt) {
  const auto elsewhere = called("ann", std::vector<Grant>{{"hall", {Verb::read, Verb::send}}});
  for (const auto& entered : {Result<void>{}, kOutside}) {
    EXPECT_EQ(decide_edit(elsewhere, made(3), entered, edit()).error(), comment_not_found());
    EXPECT_EQ(decide_removal(elsewhere, made(3), entered, {}).error(), comment_not_found());
  }
}

TEST(DecideRemoval, IsForTheAuthorInsideAndForModeratorsAnywhere) {
  const auto mod = called("mod", std::vector<Grant>{{"ro*", {Verb::moderate}}});
  EXPECT_TRUE(decide_removal(called("ann"), made(3), {}, 1));
  EXPECT_EQ(code(decide_removal(called("ann"), made(3), kOutside, 1)), "not-a-member");
  EXPECT_EQ(code(decide_removal(called("bob"), made(3), {}, 1)), "not-the-author");
  EXPECT_TRUE(decide_removal(mod, made(3), {}, 1));
  EXPECT_TRUE(decide_removal(mod, made(3), kOutside, 1)) << "without membership";
  EXPECT_EQ(code(decide_removal(mod, made(3), kOutside, 2)), "version-mismatch");
  EXPECT_EQ(decide_edit(mod, made(3), {}, edit()).error(), comment_not_found()) << "moderating is not reading";
}

TEST(DecideChanges, TakeTheNextSeqAndTellWhoDidIt) {
  const auto modified = decide_modify(
      {made(3), {}, 6}, [](const Comment& present, const Result<void>&) -> Result<Comment> { return present; }, true);
  ASSERT_TRUE(modified);
  EXPECT_EQ(modified->seq, 7U);
  EXPECT_EQ(modified->comment.seq, 3U);
  EXPECT_TRUE(modified->redacts);
  const auto allow = [](const Comment&, const Result<void>&) { return Result<void>{}; };
  const auto removed = decide_remove({made(3), {}, 6}, allow, UserId::trusted("mod"), kChanged);
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->seq, 7U);
  EXPECT_EQ(removed->author, kAuthor);
  EXPECT_EQ(removed->by.value(), "mod");
  EXPECT_EQ(removed->occurred_at, kChanged);
}

TEST(DecideChanges, AskTheRuleOfWhatIsThereAlone) {
  std::optional<bool> inside;
  const EditRule look = [&inside](const Comment&, const Result<void>& entered) -> Result<Comment> {
    inside = entered.has_value();
    return fail(forbidden("no", "", "No."));
  };
  EXPECT_EQ(decide_modify({std::nullopt, {}, 6}, look, false).error(), comment_not_found());
  EXPECT_EQ(inside, std::nullopt);
  EXPECT_EQ(code(decide_modify({made(3), kOutside, 6}, look, false)), "no");
  EXPECT_EQ(inside, false);
  const RemovalRule never = [](const Comment&, const Result<void>&) -> Result<void> {
    return fail(forbidden("no", "", "No."));
  };
  EXPECT_EQ(decide_remove({std::nullopt, {}, 6}, never, kAuthor, kChanged).error(), comment_not_found());
  EXPECT_EQ(code(decide_remove({made(3), {}, 6}, never, kAuthor, kChanged)), "no");
}

TEST(DecideNotify, TakesTheNextSeqOrAnswersTheEarlierOne) {
  const Notification notice{.id = {},
                            .to = ChannelKey::inbox(kAcme, UserId::trusted("bob")),
                            .sender = kAuthor,
                            .text = NotificationText::trusted("hi"),
                            .created_at = kMade};
  auto sent = notice;
  sent.seq = 2;
  const auto fresh = decide_notify(std::nullopt, 6, notice, kKey);
  EXPECT_EQ(fresh->notification.seq, 7U);
  EXPECT_FALSE(fresh->replayed);
  const auto again = decide_notify(EarlierNotification{"hash", sent}, 6, notice, kKey);
  EXPECT_EQ(again->notification, sent);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(code(decide_notify(EarlierNotification{"other", sent}, 6, notice, kKey)), "idempotency-key-reused");
}

}  // namespace
}  // namespace danwa::domain::comment_decisions
