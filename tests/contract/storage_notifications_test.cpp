#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/storage_backend.hpp"
#include "domain/update/update.hpp"

// What every implementation of the notification repository must do.
namespace danwa::tests {
namespace {

using domain::ChannelKey;

class StorageNotifications : public StorageTest {
 protected:
  std::vector<domain::Update> log(const ChannelKey& inbox) {
    return storage_.read(1, domain::kMaxSeq, 1000, inbox)->updates;
  }

  const ChannelKey bobs_ = ChannelKey::inbox(company(), user("bob"));
};

TEST_P(StorageNotifications, StandInTheirInboxAsWatchersSeeThem) {
  const auto sent = storage_.notify(notification(1, bobs_, "hi"));
  ASSERT_TRUE(sent);
  EXPECT_FALSE(sent->replayed);
  EXPECT_EQ(sent->notification.seq, 1u);
  const auto inbox = log(bobs_);
  ASSERT_EQ(inbox.size(), 1u);
  EXPECT_EQ(inbox[0], domain::to_update(domain::NotificationSent{sent->notification}));
  const auto& body = std::get<domain::NotificationAdded>(inbox[0].body);
  EXPECT_EQ(body.id, sent->notification.id);
  EXPECT_EQ(body.sender, user("ann"));
  EXPECT_EQ(body.text.value(), "hi");
}

TEST_P(StorageNotifications, AreNumberedByInbox) {
  const auto stores = ChannelKey::inbox(company(), domain::StoreId::trusted("bob"));
  const auto ours = ChannelKey::inbox(company());
  const auto namesake = ChannelKey::inbox(company("globex"), user("bob"));
  EXPECT_EQ(storage_.notify(notification(1, bobs_))->notification.seq, 1u);
  EXPECT_EQ(storage_.notify(notification(2, bobs_))->notification.seq, 2u);
  EXPECT_EQ(storage_.notify(notification(3, stores))->notification.seq, 1u);
  EXPECT_EQ(storage_.notify(notification(4, ours))->notification.seq, 1u);
  EXPECT_EQ(storage_.notify(notification(5, namesake))->notification.seq, 1u);
  EXPECT_EQ(log(bobs_).size(), 2u);
  EXPECT_EQ(log(namesake).size(), 1u);
  EXPECT_EQ(storage_.head(ours)->seq, 1u);
}

TEST_P(StorageNotifications, AreSentOnceHoweverOftenTheyAreAskedFor) {
  const usecase::IdempotencyKey key{"k1", "hash"};
  const auto first = storage_.notify(notification(1, bobs_, "hi"), key);
  ASSERT_TRUE(storage_.notify(notification(2, bobs_, "between")));
  const auto again = storage_.notify(notification(3, bobs_, "hi"), key);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->notification, first->notification);
  EXPECT_EQ(storage_.head(bobs_)->seq, 2u);
}

TEST_P(StorageNotifications, RefuseAKeyThatCameWithAnotherRequest) {
  ASSERT_TRUE(storage_.notify(notification(1, bobs_), usecase::IdempotencyKey{"k1", "hash"}));
  const auto reused = storage_.notify(notification(2, bobs_), usecase::IdempotencyKey{"k1", "other"});
  ASSERT_FALSE(reused);
  EXPECT_EQ(code(reused.error()), "idempotency-key-reused");
  EXPECT_EQ(reused.error().first().kind, domain::ErrorKind::validation);
  EXPECT_EQ(reused.error().first().resource, "Idempotency-Key");
}

TEST_P(StorageNotifications, KeepKeysOfSendersCompaniesAndCommentsApart) {
  const usecase::IdempotencyKey key{"k1", "hash"};
  auto of_bob = notification(2, bobs_);
  of_bob.sender = user("bob");
  ASSERT_TRUE(storage_.notify(notification(1, bobs_), key));
  EXPECT_FALSE(storage_.notify(of_bob, key)->replayed);
  EXPECT_FALSE(storage_.notify(notification(3, ChannelKey::inbox(company("globex"))), key)->replayed);
  EXPECT_FALSE(storage_.add(comment(1), key)->replayed);
}

TEST_P(StorageNotifications, DoNotMeetAConversationOfTheSameKey) {
  auto made = comment(1);
  made.conversation = conversation("bob");
  ASSERT_TRUE(storage_.add(made));
  EXPECT_EQ(storage_.notify(notification(1, bobs_))->notification.seq, 1u);
  EXPECT_EQ(storage_.list({}, conversation("bob"))->comments.size(), 1u);
  EXPECT_EQ(storage_.view(user(), conversation("bob"))->head, 1u);
}

DANWA_ON_EVERY_BACKEND(StorageNotifications);

}  // namespace
}  // namespace danwa::tests
