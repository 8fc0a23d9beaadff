#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "domain/comment/decisions.hpp"
#include "support/run_async.hpp"
#include "usecase/comments.hpp"
#include "usecase/one_conversation.hpp"
#include "usecase/updates.hpp"

namespace danwa::usecase {
namespace {

using domain::Result;

struct OneComment final : CommentRepository {
  std::optional<domain::Comment> stored;
  std::optional<IdempotencyKey> key;
  bool replay = false;
  Result<void> entered{};  ///< what the repository finds of who makes a change
  std::optional<EarlierTexts> earlier{};

  Async<Result<Added>> add(domain::Comment comment, std::optional<IdempotencyKey> with,
                           std::optional<domain::Errors> refusal) override {
    if (refusal && !replay) co_return domain::fail(std::move(*refusal));
    comment.seq = 1;
    stored = comment;
    key = std::move(with);
    co_return Added{std::move(comment), replay, {"e", 1}};
  }
  Async<Result<domain::Comment>> find(domain::CompanyId company, domain::CommentId id) override {
    if (!stored || stored->company != company || stored->id != id)
      co_return domain::fail(domain::not_found("comment", "none"));
    co_return *stored;
  }
  Async<Result<Modified>> modify(domain::CompanyId, domain::UserId, domain::CommentId, Edit edit,
                                 EarlierTexts texts) override {
    auto edited = edit(*stored, entered);
    earlier = texts;
    if (!edited) co_return domain::fail(std::move(edited).error());
    stored = *edited;
    co_return Modified{{*edited, 2}, {"e", 2}};
  }
  Async<Result<Removed>> remove(domain::CompanyId, domain::UserId actor, domain::CommentId, Check check,
                                domain::Timestamp now) override {
    if (auto ok = check(*stored, entered); !ok) co_return domain::fail(std::move(ok).error());
    co_return Removed{{stored->id, stored->company, stored->conversation, stored->author, actor, 3, now}, {"e", 3}};
  }
  Async<Result<Page>> list(domain::CompanyId, domain::ConversationKey, Range, Freshness) override { co_return Page{}; }
};

struct CommentUsecases : testing::Test {
  domain::CommentFactory factory;
  OneComment comments;
  OneRoom rooms;
  ConversationAccess access{rooms.repository};
  Published bus;
  FixedIds ids;
  FixedClock clock;
  SendComment send{{factory, comments, bus, ids, clock}};
  EditComment edit{{factory, comments, bus, clock}};
  RemoveComment remove{{comments, bus, clock}};
  GetComment get{comments, access};

  domain::Credential ann{domain::CompanyId::trusted("acme"), domain::UserId::trusted("ann"), {}, {}, {}, false};
  domain::Credential bob{domain::CompanyId::trusted("acme"), domain::UserId::trusted("bob"), {}, {}, {}, false};

  Result<SendComment::Output> say(const char* text, std::optional<std::string> key = {}) {
    return run(send.execute({{text, "room", {}}, std::move(key)}, ann));
  }
};

TEST_F(CommentUsecases, SendSavesThenPublishesOneEvent) {
  const auto sent = say("hello");
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->comment.seq, 1U);
  EXPECT_EQ(sent->position, (domain::Position{"e", 1}));
  EXPECT_EQ(sent->comment.author, ann.user);
  ASSERT_EQ(bus.events.size(), 1U);
  EXPECT_EQ(std::get<domain::CommentSent>(bus.events[0]).comment.id, sent->comment.id);
}

TEST_F(CommentUsecases, SendPublishesNothingForAReplay) {
  comments.replay = true;
  const auto sent = say("hello", "key-1");
  ASSERT_TRUE(sent);
  EXPECT_TRUE(sent->replayed);
  EXPECT_EQ(sent->position, (domain::Position{"e", 1}));
  EXPECT_TRUE(bus.events.empty());
}

TEST_F(CommentUsecases, SendTellsBadTextAndBadKeyTogether) {
  const auto sent = say("", "has space");
  ASSERT_FALSE(sent);
  ASSERT_EQ(sent.error().all().size(), 2U);
  EXPECT_EQ(sent.error().all()[0].code, "content-empty");
  EXPECT_EQ(sent.error().all()[1].code, "idempotency-key-invalid");
  EXPECT_FALSE(comments.stored);
}

TEST_F(CommentUsecases, SendTakesIdempotencyKeysOf1To255VisibleCharacters) {
  EXPECT_TRUE(say("x", std::string(255, 'k')));
  EXPECT_FALSE(say("x", std::string(256, 'k')));
  EXPECT_FALSE(say("x", ""));
  EXPECT_FALSE(say("x", "\xC3\xA9"));
}

TEST_F(CommentUsecases, SendHashesTheParsedInputNotItsSpelling) {
  say("one", "k");
  const std::string first = comments.key->request_hash;
  say("one", "k");
  EXPECT_EQ(comments.key->request_hash, first);
  say("two", "k");
  EXPECT_NE(comments.key->request_hash, first);
}

TEST_F(CommentUsecases, SendAnswersARetryOfWhatAnotherNodeTookWhateverThisOneTakes) {
  const std::string text(5000, 'x');  // this node takes 4,000 code points
  const auto refused = say(text.c_str(), "k");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().first().code, "content-too-long");
  EXPECT_NE(refused.error().first().message.find("at most 4000 are allowed"), std::string::npos);
  comments.replay = true;
  const auto again = say(text.c_str(), "k");
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_TRUE(bus.events.empty());
  EXPECT_FALSE(say(text.c_str())) << "without a key there is nothing to retry";
  EXPECT_FALSE(say(std::string(10001, 'x').c_str(), "k")) << "no node ever took that";
  ann.grants = std::vector<domain::Grant>{{"*", {domain::Verb::read}}};
  EXPECT_EQ(say(text.c_str(), "k").error().first().code, "not-granted");
}

TEST_F(CommentUsecases, SendTellsAllErrorsOfALongTextWithAKey) {
  const auto sent = run(send.execute({{std::string(5000, 'x'), "", {}}, "has space"}, ann));
  ASSERT_FALSE(sent);
  std::vector<std::string> codes;
  for (const auto& error : sent.error().all()) codes.push_back(error.code);
  EXPECT_EQ(codes, (std::vector<std::string>{"content-too-long", "conversationKey-empty", "idempotency-key-invalid"}));
}

TEST_F(CommentUsecases, SendNeedsTheGrant) {
  ann.grants = std::vector<domain::Grant>{{"*", {domain::Verb::read}}};
  const auto sent = say("hello");
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().first().kind, domain::ErrorKind::forbidden);
  ann.grants.reset();
  ann.anonymous = true;
  EXPECT_EQ(say("hello").error().first().kind, domain::ErrorKind::unauthenticated);
  EXPECT_TRUE(bus.events.empty());
}

TEST_F(CommentUsecases, EditPublishesWhatWasSaved) {
  const auto id = say("hello")->comment.id;
  const auto edited = run(edit.execute({id, "bye", 1}, ann));
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited->comment.version, 2U);
  EXPECT_EQ(edited->position, (domain::Position{"e", 2}));
  ASSERT_EQ(bus.events.size(), 2U);
  EXPECT_EQ(std::get<domain::CommentModified>(bus.events[1]).seq, 2U);
}

TEST_F(CommentUsecases, EditByAnotherOrOfAnOldVersionChangesNothing) {
  const auto id = say("hello")->comment.id;
  EXPECT_EQ(run(edit.execute({id, "bye", {}}, bob)).error().first().code, "not-the-author");
  EXPECT_EQ(run(edit.execute({id, "bye", 9}, ann)).error().first().code, "version-mismatch");
  EXPECT_EQ(comments.stored->content.value(), "hello");
  EXPECT_EQ(bus.events.size(), 1U);
}

TEST_F(CommentUsecases, WhoMayNotReadIsToldThatThereIsNoSuchComment) {
  const auto id = say("hello")->comment.id;
  bob.grants = std::vector<domain::Grant>{};
  const auto unknown = domain::comment_not_found();
  EXPECT_EQ(run(get.execute(id, bob)).error(), unknown);
  EXPECT_EQ(run(edit.execute({id, "bye", {}}, bob)).error(), unknown);
  EXPECT_EQ(run(remove.execute({id, {}}, bob)).error(), unknown);
}

TEST_F(CommentUsecases, RemovePublishesTheRemoval) {
  const auto id = say("hello")->comment.id;
  EXPECT_FALSE(run(remove.execute({id, {}}, bob)));
  const auto removed = run(remove.execute({id, 1}, ann));
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->position, (domain::Position{"e", 3}));
  ASSERT_EQ(bus.events.size(), 2U);
  EXPECT_EQ(std::get<domain::CommentRemoved>(bus.events[1]).occurred_at, clock.now());
}

TEST_F(CommentUsecases, AModeratorRemovesFromWhereTheyMayNotEvenRead) {
  const auto id = say("hello")->comment.id;
  const auto mod = granted(person("mod"), "ro*", {domain::Verb::moderate});
  const auto elsewhere =
      granted(person("mod"), "attic", {domain::Verb::read, domain::Verb::send, domain::Verb::moderate});
  comments.entered = domain::fail(domain::forbidden("not-a-member", "conversation", "Private."));
  EXPECT_EQ(run(remove.execute({id, {}}, ann)).error().first().code, "not-a-member");
  EXPECT_EQ(run(remove.execute({id, {}}, elsewhere)).error(), domain::comment_not_found());
  EXPECT_EQ(run(edit.execute({id, "bye", {}}, mod)).error(), domain::comment_not_found());
  ASSERT_TRUE(run(remove.execute({id, 1}, mod)));
  const auto& told = std::get<domain::CommentRemoved>(bus.events.back());
  EXPECT_EQ(told.by, mod.user);
  EXPECT_EQ(told.author, ann.user);
}

TEST_F(CommentUsecases, AnEditLeavesEarlierTextsUnlessItIsToldToRedact) {
  const auto id = say("hello")->comment.id;
  ASSERT_TRUE(run(edit.execute({id, "bye", {}}, ann)));
  EXPECT_EQ(comments.earlier, CommentRepository::EarlierTexts::stay);
  ASSERT_TRUE(run(edit.execute({id, "gone", {}, true}, ann)));
  EXPECT_EQ(comments.earlier, CommentRepository::EarlierTexts::go);
}

TEST_F(CommentUsecases, ListBoundsItsLimit) {
  ListComments list{comments, access};
  for (const std::size_t limit : {std::size_t{0}, std::size_t{1001}}) {
    const auto page = run(list.execute("room", {{}, {}, limit}, ann));
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().first().code, "limit-out-of-range");
  }
  EXPECT_TRUE(run(list.execute("room", {{}, {}, 1000}, ann)));
}

TEST_F(CommentUsecases, WatchNeedsAGoodKeyAndTheGrant) {
  const WatchConversation watch{access};
  EXPECT_EQ(run(watch.execute({"..", {}, Delivery::complete}, ann)).error().first().code,
            "conversationKey-dot-segment");
  const auto allowed = run(watch.execute({"room", domain::Cursor{std::nullopt, 3}, Delivery::latest}, ann));
  ASSERT_TRUE(allowed);
  EXPECT_EQ(allowed->channel().key, "room");
  EXPECT_EQ(allowed->channels.front().after->seq, 3U);
  ann.grants = std::vector<domain::Grant>{{"other", {domain::Verb::read}}};
  EXPECT_EQ(run(watch.execute({"room", {}, Delivery::complete}, ann)).error().first().code, "not-granted");
}

TEST_F(CommentUsecases, APrivateRoomsCommentsAreForItsMembers) {
  const auto id = say("hello")->comment.id;
  rooms.let_in("ann");
  rooms.close();
  const ListComments list{comments, access};
  EXPECT_TRUE(run(get.execute(id, ann)));
  EXPECT_TRUE(run(list.execute("room", {}, ann)));
  EXPECT_EQ(run(get.execute(id, bob)).error().first().code, "not-a-member");
  EXPECT_EQ(run(list.execute("room", {}, bob)).error().first().code, "not-a-member");
}

}  // namespace
}  // namespace danwa::usecase
