#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "support/comments.hpp"
#include "support/in_memory_comment_repository.hpp"
#include "support/in_memory_conversation_repository.hpp"
#include "support/in_memory_update_log.hpp"
#include "support/run_async.hpp"
#include "usecase/comments.hpp"
#include "usecase/conversations.hpp"
#include "usecase/notifications.hpp"
#include "usecase/updates.hpp"

namespace danwa::usecase {
namespace {

using std::chrono::milliseconds;

/// A log of three comments and a notification, with a replica that has come only as far as the first of them.
class ReplicaBehind : public testing::Test {
 protected:
  ReplicaBehind() {
    for (std::uint64_t n = 1; n <= 3; ++n)
      written_ = run(comments_.add(tests::comment(n), std::nullopt, std::nullopt))->position;
    const auto inbox = domain::ChannelKey::inbox(tests::company(), tests::user());
    memory_.append(inbox, tests::at(1),
                   domain::NotificationAdded{{}, tests::user(), domain::NotificationText::trusted("hi")});
    all_ = memory_.now();
    memory_.replica_at = 1;
  }

  domain::Result<CommentRepository::Page> history(std::optional<domain::Position> seen) {
    return run(list_.execute("lobby", {.after = {}, .before = {}, .limit = 10}, ann_, std::move(seen)));
  }
  domain::Result<ReadUpdates::Output> updates(std::optional<domain::Position> seen, ReadFrom from = ReadFrom::replica) {
    return run(read_.execute({"lobby", domain::Cursor{}, 10, std::move(seen), from}, ann_));
  }

  tests::InMemoryLog memory_;
  tests::InMemoryCommentRepository comments_{memory_};
  tests::InMemoryConversationRepository rooms_{memory_};
  tests::InMemoryUpdateLog log_{memory_};
  ConversationAccess access_{rooms_};
  ListComments list_{comments_, access_};
  ListConversations conversations_{log_};
  ReadUpdates read_{log_, access_};
  ReadNotifications inboxes_{log_};
  domain::Credential ann_{
      .company = tests::company(), .user = tests::user(), .stores = {}, .grants = {}, .expires_at = {}};
  domain::Position written_;
  domain::Position all_;
};

TEST_F(ReplicaBehind, ServesAReadThatHasSeenNothing) {
  const auto page = history(std::nullopt);
  EXPECT_EQ(page->head, 1U);
  EXPECT_EQ(page->position, (domain::Position{memory_.epoch, 1}));
  EXPECT_EQ(memory_.master_reads, 0U);
}

TEST_F(ReplicaBehind, ServesAReadThatHasSeenNoMoreThanItShows) {
  EXPECT_EQ(history(domain::Position{memory_.epoch, 1})->head, 1U);
  EXPECT_EQ(memory_.master_reads, 0U);
  EXPECT_EQ(memory_.replica_looks, 1U);
}

TEST_F(ReplicaBehind, IsWaitedForThenPassedOver) {
  const auto before = std::chrono::steady_clock::now();
  const auto page = history(written_);
  const auto took = std::chrono::steady_clock::now() - before;
  EXPECT_EQ(page->head, 3U);
  EXPECT_EQ(page->comments.size(), 3U);
  EXPECT_TRUE(page->position->covers(written_));
  EXPECT_EQ(memory_.master_reads, 1U);
  EXPECT_GE(took, Freshness::kReplicaWait);
  EXPECT_GT(memory_.replica_looks, 1U);
}

TEST_F(ReplicaBehind, ServesTheReadWhenItComesInTime) {
  std::thread catching_up{[this] {
    std::this_thread::sleep_for(milliseconds{5});
    const std::scoped_lock lock{memory_.mutex};
    memory_.replica_at.reset();
  }};
  const auto page = history(written_);
  catching_up.join();
  EXPECT_EQ(page->head, 3U);
  EXPECT_TRUE(page->position->covers(written_));
}

TEST_F(ReplicaBehind, IsBelievedByNoReadThatHasSeenMore) {
  EXPECT_EQ(updates(written_)->page.head, 3U);
  EXPECT_EQ(updates(written_)->page.updates.size(), 3U);
  const auto listed = run(conversations_.execute(std::nullopt, 10, ann_, written_));
  ASSERT_EQ(listed->conversations.size(), 1U);
  EXPECT_EQ(listed->conversations[0].head, 3U);
  EXPECT_TRUE(listed->position->covers(written_));
  const auto inbox = run(inboxes_.execute({std::nullopt, 10, all_}, ann_));
  EXPECT_EQ(inbox->updates.size(), 1U);
  EXPECT_TRUE(inbox->position->covers(all_));
}

TEST_F(ReplicaBehind, IsNotAskedByWhoHasHeardOfNews) {
  EXPECT_EQ(updates(std::nullopt, ReadFrom::master)->page.head, 3U);
  EXPECT_EQ(memory_.replica_looks, 0U);
}

TEST_F(ReplicaBehind, IsNotWaitedForWhenThePositionIsOfAnotherLog) {
  memory_.replica_epoch = "other";
  EXPECT_EQ(history(written_)->head, 3U);
  EXPECT_EQ(memory_.replica_looks, 1U);
}

TEST_F(ReplicaBehind, AnswersThePresentPositionToOneOfADatabaseThatIsNoMore) {
  for (const auto& seen : {domain::Position{"gone", 1}, domain::Position{memory_.epoch, all_.number + 1000}}) {
    const auto page = history(seen);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->position, all_);
    EXPECT_EQ(page->head, 3U);
    EXPECT_EQ(run(inboxes_.execute({std::nullopt, 10, seen}, ann_))->position, all_);
  }
}

TEST_F(ReplicaBehind, DoesNotHidePositionsOfTheMaster) { EXPECT_EQ(*run(ReadPosition{log_}.execute()), all_); }

TEST_F(ReplicaBehind, DoesNotTellAWatchWhereNowIsWhenItsReaderHasSeenMore) {
  WatchConversation watch{access_};
  const auto fresh = run(watch.execute({"lobby", std::nullopt, Delivery::complete, written_}, ann_));
  EXPECT_EQ(fresh->channels[0].now, ReadFrom::master);
  const auto plain = run(watch.execute({"lobby", std::nullopt, Delivery::complete, std::nullopt}, ann_));
  EXPECT_EQ(plain->channels[0].now, ReadFrom::replica);
  const auto inboxes = WatchNotifications{}.execute({std::nullopt, Delivery::complete, written_}, ann_);
  for (const auto& channel : inboxes->channels) EXPECT_EQ(channel.now, ReadFrom::master);
}

}  // namespace
}  // namespace danwa::usecase
