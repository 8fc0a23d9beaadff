#include "contract/storage_backend.hpp"

// Positions: what a write tells is enough for a read to show it.

namespace danwa::tests {
namespace {

using domain::Position;
using usecase::Freshness;

class StoragePositions : public StorageTest {
 protected:
  Position now() { return *storage_.position(); }

  /// Whether a position told since `before` says neither less than that nor more than now. Where a position is a
  /// place in what the server writes, it may grow without a change of ours.
  bool is_present(const std::optional<Position>& told, const Position& before) {
    return told && told->covers(before) && now().covers(*told);
  }

  usecase::IdempotencyKey key(const char* hash = "h") { return {"key-1", hash}; }
  Storage::Check anybody_ = [](const domain::Comment&) -> domain::Result<void> { return {}; };
  Storage::Edit louder_ = [](const domain::Comment& c) {
    return c.edited(c.author, domain::CommentContent::trusted("HELLO"), std::nullopt, at(9));
  };
};

TEST_P(StoragePositions, AreThereBeforeTheFirstWrite) {
  const auto nothing = now();
  EXPECT_FALSE(nothing.epoch.empty());
  EXPECT_EQ(nothing.epoch, storage_.head()->epoch);
  EXPECT_TRUE(is_present(storage_.read(1, 9, 9, Storage::lobby(), Freshness::after(nothing))->position, nothing));
}

TEST_P(StoragePositions, GrowWithEveryChange) {
  std::vector<Position> told{now()};
  told.push_back(storage_.add(comment(1))->position);
  told.push_back(storage_.modify_placed(comment_id(1), louder_)->position);
  told.push_back(storage_.join(storage_.by(user()), user())->position);
  told.push_back(storage_.configure(storage_.by(user()), {domain::ConversationTitle::trusted("x"), {}})->position);
  told.push_back(storage_.leave_placed(storage_.by(user()), user())->position);
  told.push_back(storage_.notify(notification(1, domain::ChannelKey::inbox(company())))->position);
  told.push_back(storage_.remove_placed(comment_id(1), at(10), anybody_)->position);
  for (std::size_t i = 1; i < told.size(); ++i) {
    EXPECT_EQ(told[i].epoch, told[0].epoch);
    EXPECT_GT(told[i].number, told[i - 1].number) << i;
  }
  EXPECT_TRUE(now().covers(told.back()));
}

TEST_P(StoragePositions, OfWhatChangesNothingShowWhatIsTold) {
  const auto first = storage_.add(comment(1), key())->position;
  const auto joined = storage_.join(storage_.by(user()), user())->position;
  const auto replayed = storage_.add(comment(2), key());
  EXPECT_TRUE(replayed->replayed);
  EXPECT_TRUE(replayed->position.covers(first));
  EXPECT_TRUE(storage_.join(storage_.by(user()), user())->position.covers(joined));
  const auto left = storage_.leave_placed(storage_.by(user()), user("nobody"));
  EXPECT_FALSE(left->event);
  EXPECT_TRUE(left->position.covers(joined));
  const auto inbox = domain::ChannelKey::inbox(company());
  const auto sent = storage_.notify(notification(1, inbox), key())->position;
  EXPECT_TRUE(storage_.notify(notification(2, inbox), key())->position.covers(sent));
  const auto set = storage_.configure(storage_.by(user()), {domain::ConversationTitle::trusted("x"), {}})->position;
  const auto same = storage_.configure(storage_.by(user()), {domain::ConversationTitle::trusted("x"), {}});
  EXPECT_FALSE(same->changed);
  EXPECT_TRUE(same->position.covers(set));
}

TEST_P(StoragePositions, AreShownByEveryReadThatCarriesThem) {
  for (std::uint64_t n = 1; n <= 20; ++n) {
    const auto wanted = Freshness::after(storage_.add(comment(n))->position);
    const auto page = storage_.read(n, n, 1, Storage::lobby(), wanted);
    EXPECT_EQ(page->head, n);
    EXPECT_TRUE(page->position->covers(*wanted.seen));
    const auto history = storage_.list({.after = {}, .before = {}, .limit = 1}, conversation(), wanted);
    EXPECT_EQ(history->comments.back().seq, n);
    EXPECT_TRUE(history->position->covers(*wanted.seen));
    const auto listed = storage_.listing(std::nullopt, 1, user(), wanted);
    EXPECT_EQ(listed->conversations.front().head, n);
    EXPECT_TRUE(listed->position->covers(*wanted.seen));
  }
}

TEST_P(StoragePositions, AreToldOnlyToThoseWhoAsk) {
  ASSERT_TRUE(storage_.add(comment(1)));
  EXPECT_EQ(storage_.read(1, 9)->position, std::nullopt);
  EXPECT_EQ(storage_.list({})->position, std::nullopt);
  EXPECT_EQ(storage_.listing(std::nullopt, 9)->position, std::nullopt);
}

TEST_P(StoragePositions, OfAnotherLogAreServedWithThePresentOne) {
  ASSERT_TRUE(storage_.add(comment(1)));
  const auto present = now();
  for (const auto& seen : {Position{"another", 1}, Position{present.epoch, present.number + 1000}}) {
    const auto wanted = Freshness::after(seen);
    EXPECT_TRUE(is_present(storage_.read(1, 9, 9, Storage::lobby(), wanted)->position, present));
    EXPECT_TRUE(is_present(storage_.list({}, conversation(), wanted)->position, present));
    EXPECT_TRUE(is_present(storage_.listing(std::nullopt, 9, user(), wanted)->position, present));
  }
}

TEST_P(StoragePositions, OfWritesAtOnceNeverTellLessThanWasWritten) {
  std::vector<std::future<domain::Result<Storage::Repository::Added>>> adding;
  for (std::uint64_t n = 1; n <= 50; ++n) adding.push_back(storage_.start_add(comment(n)));
  for (auto& one : adding) {
    const auto added = one.get();
    ASSERT_TRUE(added);
    const auto page =
        storage_.read(added->comment.seq, added->comment.seq, 1, Storage::lobby(), Freshness::after(added->position));
    ASSERT_EQ(page->updates.size(), 1U);
  }
}

DANWA_ON_EVERY_BACKEND(StoragePositions);

}  // namespace
}  // namespace danwa::tests
