#include <gtest/gtest.h>

#include <set>

#include "infra/sqlite/child_process.hpp"
#include "infra/sqlite/node.hpp"
#include "support/temporary_directory.hpp"

// Rooms and notifications of several processes, or several connections, that share one database file.
namespace danwa::tests {
namespace {

using domain::Visibility;
using Settings = usecase::ConversationRepository::Settings;

class SharedRooms : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  sqlite::SqliteOptions options_{.master_path = directory_.file("danwa.db"), .full_sync = false};

  static domain::Result<usecase::CommentRepository::Added> post(Node& node, std::uint64_t n, const char* author) {
    auto made = comment(n);
    made.author = user(author);
    return node.storage.add(made);
  }
  static void set(Node& node, Visibility visibility) {
    ASSERT_TRUE(node.storage.configure(node.storage.by(user("ann")), Settings{std::nullopt, visibility}));
  }
  static bool is_kept_out(const domain::Result<usecase::CommentRepository::Added>& result) {
    return !result && result.error().first().code == "not-a-member";
  }

  /// Lets the person named after `run` in and out of the lobby many times, posting all the while; the number
  /// of answers that were wrong.
  int come_and_go(std::uint8_t run) {
    Node node{options_};
    const auto name = "user-" + std::to_string(run);
    int wrong = 0;
    const auto start_post = [&](std::uint64_t n) {
      auto made = comment(n);
      made.id = comment_id(n, run);
      made.author = user(name);
      return node.storage.start_add(made);
    };
    for (std::uint64_t n = 0; n < 60; n += 3) {
      auto too_early = start_post(n);
      auto joined = node.storage.start_join(node.storage.by(user("ann")), user(name));
      auto posted = start_post(n + 1);
      auto left = node.storage.start_leave(node.storage.by(user("ann")), user(name));
      auto too_late = start_post(n + 2);
      const bool right = is_kept_out(too_early.get()) && joined.get() && posted.get() && left.get();
      wrong += is_kept_out(too_late.get()) && right ? 0 : 1;
    }
    return wrong;
  }
};

TEST_F(SharedRooms, ObeyAVisibilityThatAnotherConnectionHasSet) {
  Node here{options_};
  Node there{options_};
  ASSERT_TRUE(post(here, 1, "bob"));
  ASSERT_TRUE(post(there, 2, "bob"));  // both know the room as open
  set(there, Visibility::restricted);
  ASSERT_TRUE(post(here, 8, "bob"));  // who wrote there stays inside
  ASSERT_TRUE(there.storage.leave(there.storage.by(user("ann")), user("bob")));
  EXPECT_TRUE(is_kept_out(post(here, 3, "bob")));
  EXPECT_TRUE(is_kept_out(post(there, 4, "bob")));
  EXPECT_TRUE(post(here, 5, "ann"));
  set(here, Visibility::open);
  EXPECT_TRUE(post(there, 6, "bob"));
  EXPECT_TRUE(post(here, 7, "bob"));
}

TEST_F(SharedRooms, KnowWhoWroteThroughAnotherConnection) {
  Node here{options_};
  Node there{options_};
  const auto plain = [](const auto& view, const auto& wanted) {
    return view.conversation.configured({company(), user("ann"), {}, {}, {}}, view.membership, wanted);
  };
  const Settings closed{std::nullopt, Visibility::restricted};
  ASSERT_TRUE(post(here, 1, "ann"));
  ASSERT_TRUE(post(there, 2, "bob"));
  EXPECT_FALSE(here.storage.configure(here.storage.by(user("ann")), closed, plain));
  ASSERT_TRUE(post(here, 3, "ann"));
  EXPECT_FALSE(there.storage.configure(there.storage.by(user("ann")), closed, plain));
  EXPECT_EQ(query_text(options_.master_path, "SELECT sole_writer IS NULL FROM channels"), "1");
}

TEST_F(SharedRooms, ObeyALeaveThatAnotherConnectionHasSeen) {
  Node here{options_};
  Node there{options_};
  set(here, Visibility::restricted);
  ASSERT_TRUE(there.storage.join(there.storage.by(user("ann")), user("bob")));
  ASSERT_TRUE(post(here, 1, "bob"));
  ASSERT_TRUE(there.storage.leave(there.storage.by(user("bob")), user("bob")));
  EXPECT_TRUE(is_kept_out(post(here, 2, "bob")));
  EXPECT_EQ(here.storage.view(user("bob"))->membership.role, std::nullopt);
}

TEST_F(SharedRooms, AreConsistentWhilePeopleComeAndGoInThreeProcesses) {
  {
    Node node{options_};
    set(node, Visibility::restricted);
  }
  {
    ChildProcess first{[&] { return come_and_go(1); }};
    ChildProcess second{[&] { return come_and_go(2); }};
    ChildProcess third{[&] { return come_and_go(3); }};
    EXPECT_EQ(first.wait(), 0);
    EXPECT_EQ(second.wait(), 0);
    EXPECT_EQ(third.wait(), 0);
  }
  Node node{options_};
  std::set<domain::UserId> inside;
  int comments = 0;
  const auto page = node.storage.read(1, domain::kMaxSeq);
  for (std::size_t i = 0; i < page->updates.size(); ++i) {
    EXPECT_EQ(page->updates[i].seq, i + 1);
    const auto& body = page->updates[i].body;
    if (const auto* came = std::get_if<domain::MemberAdded>(&body)) {
      EXPECT_TRUE(inside.insert(came->user).second);
    }
    if (const auto* went = std::get_if<domain::MemberRemoved>(&body)) {
      EXPECT_EQ(inside.erase(went->user), 1u);
    }
    if (const auto* added = std::get_if<domain::CommentAdded>(&body)) {
      EXPECT_TRUE(inside.contains(added->author)) << "seq " << i + 1;
      ++comments;
    }
  }
  EXPECT_EQ(comments, 60);
  EXPECT_EQ(inside, std::set<domain::UserId>{user("ann")});
  EXPECT_EQ(query_text(options_.master_path, "PRAGMA integrity_check"), "ok");
}

TEST_F(SharedRooms, SendANotificationOnceOverAllProcesses) {
  const auto inbox = domain::ChannelKey::inbox(company(), user("bob"));
  const auto send = [&](std::uint8_t run) {
    Node node{options_};
    for (std::uint64_t n = 0; n < 30; ++n) {
      auto made = notification(n, inbox);
      made.id.value = comment_id(n, run).value;
      if (!node.storage.notify(made, usecase::IdempotencyKey{"key-" + std::to_string(n), "hash"})) return 1;
    }
    return 0;
  };
  {
    ChildProcess first{[&] { return send(1); }};
    ChildProcess second{[&] { return send(2); }};
    ChildProcess third{[&] { return send(3); }};
    EXPECT_EQ(first.wait() + second.wait() + third.wait(), 0);
  }
  Node node{options_};
  EXPECT_EQ(node.storage.head(inbox)->seq, 30u);
  EXPECT_EQ(node.storage.read(1, domain::kMaxSeq, 1000, inbox)->updates.size(), 30u);
}

}  // namespace
}  // namespace danwa::tests
