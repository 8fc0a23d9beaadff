#include <gtest/gtest.h>

#include <future>
#include <set>
#include <vector>

#include "contract/storage_backend.hpp"

// A private conversation is changed by its members alone: what every implementation refuses inside its
// transaction.
namespace danwa::tests {
namespace {

using domain::ErrorKind;
using domain::Visibility;
using Settings = usecase::ConversationRepository::Settings;

class StoragePrivacy : public StorageTest {
 protected:
  const domain::UserId ann_ = user("ann");
  const domain::UserId bob_ = user("bob");

  /// Bob, who may have written, is turned out.
  void close() {
    ASSERT_TRUE(storage_.configure(storage_.by(ann_), Settings{std::nullopt, Visibility::restricted}));
    ASSERT_TRUE(storage_.leave(storage_.by(ann_), bob_));
  }
  void open() { ASSERT_TRUE(storage_.configure(storage_.by(ann_), Settings{std::nullopt, Visibility::open})); }

  domain::Result<usecase::CommentRepository::Added> post(std::uint64_t n, const domain::UserId& author,
                                                         std::optional<usecase::IdempotencyKey> key = {}) {
    auto made = comment(n);
    made.author = author;
    return storage_.add(std::move(made), std::move(key));
  }
  template <class T>
  bool is_kept_out(const domain::Result<T>& result) {
    return !result && code(result.error()) == "not-a-member" && result.error().first().kind == ErrorKind::forbidden;
  }
};

TEST_P(StoragePrivacy, KeepsOutsidersFromPosting) {
  ASSERT_TRUE(post(1, bob_));
  close();
  EXPECT_TRUE(is_kept_out(post(2, bob_)));
  EXPECT_TRUE(post(3, ann_));
  EXPECT_EQ(storage_.head()->seq, 6u);
}

TEST_P(StoragePrivacy, EndsWithTheConversationBeingOpenedAgain) {
  close();
  EXPECT_TRUE(is_kept_out(post(1, bob_)));
  open();
  EXPECT_TRUE(post(2, bob_));
}

TEST_P(StoragePrivacy, LetsMembersInUntilTheyLeave) {
  close();
  ASSERT_TRUE(storage_.join(storage_.by(ann_), bob_));
  EXPECT_TRUE(post(1, bob_));
  ASSERT_TRUE(storage_.leave(storage_.by(bob_), bob_));
  EXPECT_TRUE(is_kept_out(post(2, bob_)));
}

TEST_P(StoragePrivacy, KeepsFormerMembersFromTheirOwnComments) {
  ASSERT_TRUE(post(1, bob_));
  close();
  const auto edit = [&](const domain::Comment& c) { return c.edited(bob_, c.content, std::nullopt, at(9)); };
  const auto check = [&](const domain::Comment& c) { return c.removable(bob_, std::nullopt); };
  EXPECT_TRUE(is_kept_out(storage_.modify(comment_id(1), edit, bob_)));
  EXPECT_TRUE(is_kept_out(storage_.remove(comment_id(1), at(9), check, company(), bob_)));
  EXPECT_EQ(storage_.find(comment_id(1))->version, 1u);
  EXPECT_EQ(storage_.head()->seq, 5u);
}

TEST_P(StoragePrivacy, KeepsFormerMembersFromTheAnswersToTheirRetries) {
  const usecase::IdempotencyKey key{"k1", "hash"};
  ASSERT_TRUE(post(1, bob_, key));
  ASSERT_TRUE(post(2, bob_, key)->replayed);
  close();
  EXPECT_TRUE(is_kept_out(post(3, bob_, key)));
  ASSERT_TRUE(storage_.join(storage_.by(ann_), bob_));
  EXPECT_TRUE(post(4, bob_, key)->replayed);
}

TEST_P(StoragePrivacy, OfAConversationThatNobodyWroteIn) {
  close();
  const auto seen = storage_.view(bob_);
  EXPECT_EQ(seen->conversation.visibility, Visibility::restricted);
  EXPECT_TRUE(is_kept_out(seen->conversation.enter(seen->membership)));
  EXPECT_TRUE(is_kept_out(post(1, bob_)));
}

TEST_P(StoragePrivacy, HoldsWhileMembersComeGoAndPostAtTheSameTime) {
  close();
  std::uint64_t n = 0;
  std::uint64_t posted = 0;
  for (int round = 0; round < 40; ++round) {
    std::vector<std::future<domain::Result<usecase::CommentRepository::Added>>> posts;
    const auto start_posts = [&](int count) {
      for (int i = 0; i < count; ++i) {
        auto made = comment(++n);
        made.author = bob_;
        posts.push_back(storage_.start_add(std::move(made)));
      }
    };
    start_posts(round % 3);
    auto joined = storage_.start_join(storage_.by(ann_), bob_);
    start_posts(5);
    auto left = storage_.start_leave(storage_.by(ann_), bob_);
    start_posts(3);
    ASSERT_TRUE(joined.get());
    ASSERT_TRUE(left.get());
    for (auto& post : posts) posted += post.get() ? 1u : 0u;
  }
  EXPECT_GT(posted, 0u);
  EXPECT_LT(posted, n);
  bool inside = false;
  std::uint64_t comments = 0;
  const auto log = storage_.read(1, domain::kMaxSeq);
  for (std::size_t i = 0; i < log->updates.size(); ++i) {
    const domain::Update& update = log->updates[i];
    EXPECT_EQ(update.seq, i + 1);
    const bool added = std::holds_alternative<domain::CommentAdded>(update.body);
    EXPECT_TRUE(inside || !added) << "seq " << update.seq;
    comments += added ? 1u : 0u;
    if (const auto* came = std::get_if<domain::MemberAdded>(&update.body); came && came->user == bob_) inside = true;
    if (std::holds_alternative<domain::MemberRemoved>(update.body)) inside = false;
  }
  EXPECT_EQ(comments, posted);
}

DANWA_ON_EVERY_BACKEND(StoragePrivacy);

}  // namespace
}  // namespace danwa::tests
