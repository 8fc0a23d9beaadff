#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/storage_backend.hpp"

// What every implementation of the comment repository and the update log must do, run on all of them.
namespace danwa::tests {
namespace {

using domain::ErrorKind;

class StorageContract : public StorageTest {
 protected:
  std::vector<domain::Seq> listed(usecase::CommentRepository::Range wanted) {
    std::vector<domain::Seq> seqs;
    const auto page = storage_.list(wanted);
    for (const auto& found : page->comments) seqs.push_back(found.seq);
    return seqs;
  }
  void add_many(std::uint64_t count) {
    for (std::uint64_t n = 1; n <= count; ++n) ASSERT_TRUE(storage_.add(comment(n)));
  }
};

usecase::CommentRepository::Range range(std::optional<domain::Seq> after, std::optional<domain::Seq> before,
                                        std::size_t limit) {
  return {after, before, limit};
}

TEST_P(StorageContract, NumbersTheCommentsOfAConversationFromOne) {
  EXPECT_EQ(storage_.add(comment(1))->comment.seq, 1u);
  EXPECT_EQ(storage_.add(comment(2))->comment.seq, 2u);
}

TEST_P(StorageContract, NumbersEachConversationOnItsOwn) {
  auto elsewhere = comment(2);
  elsewhere.conversation = conversation("kitchen");
  auto other_company = comment(3);
  other_company.company = company("globex");
  ASSERT_TRUE(storage_.add(comment(1)));
  EXPECT_EQ(storage_.add(elsewhere)->comment.seq, 1u);
  EXPECT_EQ(storage_.add(other_company)->comment.seq, 1u);
}

TEST_P(StorageContract, FindsWhatWasAdded) {
  auto made = comment(1, "héllo \xF0\x9F\x98\x80");
  made.client_ref = "mark-1";
  const auto added = storage_.add(made);
  ASSERT_TRUE(added);
  EXPECT_FALSE(added->replayed);
  const auto found = storage_.find(made.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->content, made.content);
  EXPECT_EQ(found->client_ref, made.client_ref);
  EXPECT_EQ(found->author, made.author);
  EXPECT_EQ(found->conversation, made.conversation);
  EXPECT_EQ(found->seq, 1u);
  EXPECT_EQ(found->version, 1u);
  EXPECT_EQ(found->created_at, made.created_at);
}

TEST_P(StorageContract, HidesCommentsFromOtherCompanies) {
  ASSERT_TRUE(storage_.add(comment(1)));
  EXPECT_EQ(storage_.find(comment_id(1), company("globex")).error().first().kind, ErrorKind::not_found);
  EXPECT_EQ(storage_.remove(comment_id(1), at(5), company("globex")).error().first().kind, ErrorKind::not_found);
}

TEST_P(StorageContract, AnswersARetryWithTheFirstComment) {
  const usecase::IdempotencyKey key{"k1", "hash"};
  ASSERT_TRUE(storage_.add(comment(1), key));
  const auto again = storage_.add(comment(2), key);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->comment.id, comment_id(1));
  EXPECT_EQ(again->comment.seq, 1u);
  EXPECT_EQ(storage_.head()->seq, 1u);
}

TEST_P(StorageContract, RefusesAKeyThatCameWithAnotherRequest) {
  ASSERT_TRUE(storage_.add(comment(1), usecase::IdempotencyKey{"k1", "hash"}));
  const auto reused = storage_.add(comment(2), usecase::IdempotencyKey{"k1", "other"});
  ASSERT_FALSE(reused);
  EXPECT_EQ(code(reused.error()), "idempotency-key-reused");
  EXPECT_EQ(reused.error().first().kind, ErrorKind::validation);
  EXPECT_EQ(reused.error().first().resource, "Idempotency-Key");
}

TEST_P(StorageContract, KeepsKeysOfUsersAndCompaniesApart) {
  const usecase::IdempotencyKey key{"k1", "hash"};
  auto of_bob = comment(2);
  of_bob.author = user("bob");
  auto of_globex = comment(3);
  of_globex.company = company("globex");
  ASSERT_TRUE(storage_.add(comment(1), key));
  EXPECT_FALSE(storage_.add(of_bob, key)->replayed);
  EXPECT_FALSE(storage_.add(of_globex, key)->replayed);
}

TEST_P(StorageContract, TellsThatTheCommentOfAKeyIsGone) {
  const usecase::IdempotencyKey key{"k1", "hash"};
  ASSERT_TRUE(storage_.add(comment(1), key));
  ASSERT_TRUE(storage_.remove(comment_id(1), at(9)));
  const auto again = storage_.add(comment(2), key);
  ASSERT_FALSE(again);
  EXPECT_EQ(code(again.error()), "comment-removed");
  EXPECT_EQ(again.error().first().kind, ErrorKind::conflict);
}

TEST_P(StorageContract, RemembersNoKeyOfWhatWasRefused) {
  const usecase::IdempotencyKey key{"k1", "hash"};
  const domain::Errors refusal = domain::validation_error("content-too-long", "content", "Too long.");
  EXPECT_EQ(code(storage_.add(comment(1), key, refusal).error()), "content-too-long");
  EXPECT_EQ(storage_.head()->seq, 0u);
  EXPECT_FALSE(storage_.add(comment(3), key)->replayed);
  EXPECT_EQ(storage_.add(comment(4), key, refusal)->comment.id, comment_id(3));
}

TEST_P(StorageContract, BlanksTheClientRefAndTheHashWithTheText) {
  auto made = comment(1);
  made.client_ref = "secret";
  ASSERT_TRUE(storage_.add(made, usecase::IdempotencyKey{"k1", "hash"}));
  ASSERT_TRUE(storage_.edit(made.id, "better", at(7)));
  ASSERT_TRUE(storage_.remove(made.id, at(9)));
  const auto page = storage_.read(1, 9);
  ASSERT_EQ(page->updates.size(), 3u);
  EXPECT_EQ(page->updates[0].body,
            domain::UpdateBody(domain::CommentAdded{made.id, made.author, std::nullopt, std::nullopt}));
  EXPECT_EQ(page->updates[1].body, domain::UpdateBody(domain::CommentUpdated{made.id, made.author, std::nullopt}));
  for (const char* hash : {"hash", "other", ""}) {  // nothing tells one request from another any more
    EXPECT_EQ(code(storage_.add(comment(2), usecase::IdempotencyKey{"k1", hash}).error()), "comment-removed");
  }
}

TEST_P(StorageContract, EditsUnderTheNextSeq) {
  ASSERT_TRUE(storage_.add(comment(1)));
  const auto modified = storage_.edit(comment_id(1), "better", at(77));
  ASSERT_TRUE(modified);
  EXPECT_EQ(modified->seq, 2u);
  EXPECT_EQ(modified->comment.version, 2u);
  const auto found = storage_.find(comment_id(1));
  EXPECT_EQ(found->content.value(), "better");
  EXPECT_EQ(found->version, 2u);
  EXPECT_EQ(found->seq, 1u);
  EXPECT_EQ(found->updated_at, at(77));
}

TEST_P(StorageContract, LeavesTheCommentWhenAnEditIsRefused) {
  ASSERT_TRUE(storage_.add(comment(1)));
  const auto refused = storage_.modify(comment_id(1), [](const domain::Comment& c) {
    return c.edited(user("mallory"), c.content, std::nullopt, at(1));
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(code(refused.error()), "not-the-author");
  EXPECT_EQ(storage_.head()->seq, 1u);
  EXPECT_EQ(storage_.find(comment_id(1))->version, 1u);
}

TEST_P(StorageContract, DoesNotFindWhatNeverWas) {
  EXPECT_EQ(storage_.find(comment_id(9)).error().first().kind, ErrorKind::not_found);
  EXPECT_EQ(storage_.edit(comment_id(9), "x", at(1)).error().first().kind, ErrorKind::not_found);
  EXPECT_EQ(storage_.remove(comment_id(9), at(1)).error().first().kind, ErrorKind::not_found);
}

TEST_P(StorageContract, RemovesAndForgetsTheText) {
  ASSERT_TRUE(storage_.add(comment(1, "secret")));
  ASSERT_TRUE(storage_.add(comment(2, "stays")));
  ASSERT_TRUE(storage_.edit(comment_id(1), "secret too", at(3)));
  const auto removed = storage_.remove(comment_id(1), at(4));
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->seq, 4u);
  EXPECT_EQ(removed->author, user());
  EXPECT_EQ(storage_.find(comment_id(1)).error().first().kind, ErrorKind::not_found);
  const auto updates = storage_.read(1, 9)->updates;
  ASSERT_EQ(updates.size(), 4u);
  EXPECT_EQ(std::get<domain::CommentAdded>(updates[0].body).content, std::nullopt);
  EXPECT_EQ(std::get<domain::CommentAdded>(updates[1].body).content->value(), "stays");
  EXPECT_EQ(std::get<domain::CommentUpdated>(updates[2].body).content, std::nullopt);
  EXPECT_EQ(updates[3].body, domain::UpdateBody(domain::CommentDeleted{comment_id(1), user(), user()}));
}

TEST_P(StorageContract, LeavesTheCommentWhenARemovalIsRefused) {
  ASSERT_TRUE(storage_.add(comment(1)));
  const auto refused = storage_.remove(
      comment_id(1), at(4), [](const domain::Comment& c) { return c.removable(user("mallory"), std::nullopt); });
  ASSERT_FALSE(refused);
  EXPECT_TRUE(storage_.find(comment_id(1)));
  EXPECT_EQ(storage_.head()->seq, 1u);
}

TEST_P(StorageContract, RemovesOnce) {
  ASSERT_TRUE(storage_.add(comment(1)));
  ASSERT_TRUE(storage_.remove(comment_id(1), at(4)));
  EXPECT_EQ(storage_.remove(comment_id(1), at(5)).error().first().kind, ErrorKind::not_found);
  EXPECT_EQ(storage_.head()->seq, 2u);
}

TEST_P(StorageContract, LogsEachChangeAsWatchersSeeIt) {
  auto made = comment(1);
  made.client_ref = "mark";
  ASSERT_TRUE(storage_.add(made));
  ASSERT_TRUE(storage_.edit(made.id, "better", at(50)));
  const auto page = storage_.read(1, 10);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->updates.size(), 2u);
  EXPECT_EQ(page->updates[0], (domain::Update{Storage::lobby(), 1, made.created_at,
                                              domain::CommentAdded{made.id, made.author, made.content, "mark"}}));
  EXPECT_EQ(page->updates[1],
            (domain::Update{Storage::lobby(), 2, at(50),
                            domain::CommentUpdated{made.id, made.author, domain::CommentContent::trusted("better")}}));
  EXPECT_EQ(page->head, 2u);
}

TEST_P(StorageContract, ReadsTheRangeThatWasAskedFor) {
  add_many(5);
  const auto page = storage_.read(2, 4, 2);
  ASSERT_EQ(page->updates.size(), 2u);
  EXPECT_EQ(page->updates[0].seq, 2u);
  EXPECT_EQ(page->updates[1].seq, 3u);
  EXPECT_EQ(page->head, 5u);
  EXPECT_TRUE(storage_.read(6, domain::kMaxSeq)->updates.empty());
  EXPECT_EQ(storage_.read(0, domain::kMaxSeq)->updates.size(), 5u);
}

TEST_P(StorageContract, ReadsAnUnknownChannelAsEmpty) {
  const auto channel = domain::ChannelKey::conversation(company(), conversation("nowhere"));
  EXPECT_EQ(storage_.head(channel)->seq, 0u);
  EXPECT_FALSE(storage_.head(channel)->epoch.empty());
  EXPECT_TRUE(storage_.read(1, 10, 10, channel)->updates.empty());
  EXPECT_TRUE(storage_.list({}, conversation("nowhere"))->comments.empty());
  EXPECT_EQ(storage_.list({}, conversation("nowhere"))->epoch, storage_.head(channel)->epoch);
}

TEST_P(StorageContract, ReadsManyHeadsInTheOrderAskedFor) {
  add_many(3);
  auto elsewhere = comment(9);
  elsewhere.conversation = conversation("kitchen");
  ASSERT_TRUE(storage_.add(elsewhere));
  const auto unknown = domain::ChannelKey::conversation(company(), conversation("nowhere"));
  const auto other = domain::ChannelKey::conversation(company(), conversation("kitchen"));
  const auto heads = storage_.heads({unknown, Storage::lobby(), other, Storage::lobby()});
  ASSERT_TRUE(heads.has_value());
  EXPECT_EQ(heads->seqs, (std::vector<domain::Seq>{0, 3, 1, 3}));
  EXPECT_EQ(heads->epoch, storage_.head()->epoch);
}

TEST_P(StorageContract, ListsTheNewestCommentsByDefault) {
  add_many(5);
  EXPECT_EQ(listed(range(std::nullopt, std::nullopt, 2)), (std::vector<domain::Seq>{4, 5}));
  EXPECT_TRUE(storage_.list(range(std::nullopt, std::nullopt, 2))->more);
  EXPECT_FALSE(storage_.list(range(std::nullopt, std::nullopt, 5))->more);
  EXPECT_EQ(storage_.list(range(std::nullopt, std::nullopt, 2))->head, 5u);
}

TEST_P(StorageContract, ListsBackwardsAndForwards) {
  add_many(6);
  EXPECT_EQ(listed(range(std::nullopt, 5, 2)), (std::vector<domain::Seq>{3, 4}));
  EXPECT_EQ(listed(range(2, std::nullopt, 2)), (std::vector<domain::Seq>{3, 4}));
  EXPECT_EQ(listed(range(2, 4, 9)), (std::vector<domain::Seq>{3}));
  EXPECT_EQ(listed(range(0, std::nullopt, 1)), (std::vector<domain::Seq>{1}));
  EXPECT_TRUE(listed(range(std::nullopt, 1, 9)).empty());
}

TEST_P(StorageContract, ListsNeitherEditsNorRemovedComments) {
  add_many(3);
  ASSERT_TRUE(storage_.edit(comment_id(1), "edited", at(9)));
  ASSERT_TRUE(storage_.remove(comment_id(2), at(9)));
  const auto page = storage_.list(range(std::nullopt, std::nullopt, 10));
  EXPECT_EQ(listed(range(std::nullopt, std::nullopt, 10)), (std::vector<domain::Seq>{1, 3}));
  EXPECT_EQ(page->comments[0].content.value(), "edited");
  EXPECT_EQ(page->head, 5u);
}

DANWA_ON_EVERY_BACKEND(StorageContract);
#ifdef DANWA_POSTGRES
INSTANTIATE_TEST_SUITE_P(HostilePostgres, StorageContract, testing::Values([]() -> std::unique_ptr<Backend> {
                           return std::make_unique<PostgresBackend>(true);
                         }));
#endif

}  // namespace
}  // namespace danwa::tests
