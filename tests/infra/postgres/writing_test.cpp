#include <gtest/gtest.h>

#include <set>

#include "infra/postgres/postgres_node.hpp"

namespace danwa::tests {
namespace {

using namespace std::chrono_literals;
using Added = PostgresNode::Added;

class PostgresWriting : public testing::Test {
 protected:
  /// Nothing is missing and nothing twice: in the heads, the log and the comments.
  void expect_gapless(const std::string& total) const {
    EXPECT_EQ(own_.ask("SELECT count(*) FROM channels WHERE head <> (SELECT count(DISTINCT seq) FROM updates WHERE "
                       "channel_id = id) OR head <> (SELECT max(seq) FROM updates WHERE channel_id = id)"),
              "0");
    EXPECT_EQ(own_.ask("SELECT count(*) FROM updates"), total);
    EXPECT_EQ(own_.ask("SELECT count(*) FROM comments"), total);
  }

  const OwnDatabase own_;
};

TEST_F(PostgresWriting, PutsManyWaitingActionsInOneTransaction) {
  PostgresNode node{own_};
  std::vector<std::future<Added>> answers;
  for (std::uint64_t n = 1; n <= 500; ++n) answers.push_back(node.start_add(comment(n)));
  std::set<domain::Seq> seqs;
  for (auto& answer : answers) seqs.insert(answer.get()->comment.seq);
  EXPECT_EQ(seqs.size(), 500U);
  EXPECT_EQ(*seqs.rbegin(), 500U);
  EXPECT_EQ(node.metrics.committed_actions.value(), 500U);
  EXPECT_LT(node.metrics.commits.value(), 250U);
  EXPECT_EQ(node.metrics.writer_queue.value(), 0);
  expect_gapless("500");
}

TEST_F(PostgresWriting, OfTwoNodesInTheSameConversationsIsGapless) {
  PostgresNode one{own_};
  PostgresNode two{own_};
  std::vector<std::future<Added>> answers;
  for (std::uint64_t n = 1; n <= 300; ++n) {
    const auto room = "room-" + std::to_string(n % 3);
    answers.push_back(one.start_add(comment_in(n, room)));
    answers.push_back(two.start_add(comment_in(n + 1000, room)));
  }
  std::set<std::pair<std::string, domain::Seq>> places;
  for (auto& answer : answers) {
    const auto added = answer.get();
    ASSERT_TRUE(added) << added.error().first().code;
    places.emplace(added->comment.conversation.value(), added->comment.seq);
  }
  EXPECT_EQ(places.size(), 600U);
  expect_gapless("600");
}

TEST_F(PostgresWriting, KeepsAllKindsOfActionsInTheirOrder) {
  PostgresNode node{own_};
  auto first = node.start_add(comment(1));
  std::vector<std::future<domain::Result<usecase::ConversationRepository::Joined>>> joins;
  std::vector<std::future<Added>> adds;
  for (std::uint64_t n = 2; n <= 40; ++n) {
    adds.push_back(node.start_add(comment(n)));
    joins.push_back(
        node.storage.start_join(node.storage.by(user("u" + std::to_string(n))), user("u" + std::to_string(n))));
  }
  domain::Seq last = first.get()->comment.seq;
  for (std::size_t n = 0; n < adds.size(); ++n) {
    const auto added = adds[n].get();
    const auto joined = joins[n].get();
    EXPECT_EQ(added->comment.seq, last + 1);
    EXPECT_EQ(joined->member.seq, last + 2);
    last += 2;
  }
}

TEST_F(PostgresWriting, RacesOfOneKeyOnTwoNodesMakeOneComment) {
  PostgresNode one{own_};
  PostgresNode two{own_};
  for (std::uint64_t n = 1; n <= 60; ++n) {
    const usecase::IdempotencyKey key{"key-" + std::to_string(n), "hash"};
    const auto room = n % 2 == 0 ? "lobby" : "kitchen";  // the same conversation, or another
    auto here = one.start_add(comment(n), key);
    auto there = two.start_add(comment_in(n + 1000, room), key);
    const auto a = here.get();
    const auto b = there.get();
    ASSERT_TRUE(a) << a.error().first().code;
    ASSERT_TRUE(b) << b.error().first().code;
    EXPECT_EQ(a->comment.id, b->comment.id);
    EXPECT_NE(a->replayed, b->replayed);
  }
  expect_gapless("60");
}

TEST_F(PostgresWriting, GoesOnBesideAChannelThatSomebodyHolds) {
  postgres::PostgresOptions options{.master = own_.url(), .patience = 1000ms};
  PostgresNode node{options};
  ASSERT_TRUE(node.storage.add(comment(1)));
  Sql holder{own_.url()};
  holder.ask("BEGIN");
  holder.ask("SELECT id FROM channels WHERE key = 'lobby' FOR UPDATE");
  std::vector<std::future<Added>> kept;
  std::vector<std::future<Added>> others;
  for (std::uint64_t n = 2; n <= 50; ++n) {
    kept.push_back(node.start_add(comment(n)));
    others.push_back(node.start_add(comment_in(n + 1000, "room-" + std::to_string(n % 5))));
  }
  for (auto& other : others) EXPECT_TRUE(other.get());
  for (auto& answer : kept) EXPECT_EQ(answer.get().error().first().code, "database-busy");
  auto waiting = node.start_add(comment(51));
  EXPECT_TRUE(node.storage.add(comment_in(2000, "room-1")));
  holder.ask("COMMIT");
  EXPECT_EQ(waiting.get()->comment.seq, 2U);
  expect_gapless("52");
}

TEST_F(PostgresWriting, DoesNotHangOnAChannelThatSomebodyMakes) {
  PostgresNode node{postgres::PostgresOptions{.master = own_.url(), .patience = 1000ms}};
  Sql maker{own_.url()};
  maker.ask("BEGIN");
  maker.ask("INSERT INTO channels(company, kind, key) VALUES('acme', 0, 'lobby')");
  auto kept = node.start_add(comment(1));
  EXPECT_TRUE(node.storage.add(comment_in(2, "kitchen")));
  EXPECT_EQ(kept.get().error().first().code, "database-busy");
  maker.ask("ROLLBACK");
  EXPECT_EQ(node.storage.add(comment(3))->comment.seq, 1U);
}

TEST_F(PostgresWriting, FailsAnActionThatBreaksAConstraintAlone) {
  PostgresNode node{own_};
  ASSERT_TRUE(node.storage.add(comment(1)));
  auto twice = comment_in(1, "kitchen");  // an id that is taken
  auto bad = node.start_add(twice);
  auto good = node.start_add(comment(2));
  EXPECT_EQ(bad.get().error().first().kind, domain::ErrorKind::internal);
  EXPECT_EQ(good.get()->comment.seq, 2U);
  EXPECT_TRUE(node.logger.has("database.action-failed"));
}

TEST_F(PostgresWriting, BeyondTheQueueIsRefusedAtOnce) {
  PostgresNode node{postgres::PostgresOptions{.master = own_.url(), .writer_queue = 2}};
  ASSERT_TRUE(node.storage.add(comment(1)));
  Sql holder{own_.url()};
  holder.ask("BEGIN");
  holder.ask("SELECT id FROM channels FOR UPDATE");
  std::vector<std::future<Added>> answers;
  for (std::uint64_t n = 2; n <= 30; ++n) answers.push_back(node.start_add(comment(n)));
  ASSERT_TRUE(wait_for([&] { return comes(answers.back(), 0ms); }, 1s));
  EXPECT_EQ(answers.back().get().error().first().code, "database-busy");
  holder.ask("COMMIT");
  EXPECT_TRUE(answers.front().get());
}

TEST_F(PostgresWriting, IsDoneBeforeTheStopAndRefusedAfterIt) {
  PostgresNode node{own_};
  std::vector<std::future<Added>> answers;
  for (std::uint64_t n = 1; n <= 100; ++n) answers.push_back(node.start_add(comment(n)));
  ASSERT_TRUE(wait_for([&] { return node.metrics.committed_actions.value() > 0; }));
  node.database.stop();
  for (auto& answer : answers) {
    const auto added = answer.get();
    EXPECT_TRUE(added || added.error().first().code == "database-stopped");
  }
  EXPECT_EQ(node.storage.add(comment(999)).error().first().code, "database-stopped");
  EXPECT_EQ(node.storage.head().error().first().code, "database-stopped");
  EXPECT_FALSE(node.database.healthy());
  EXPECT_EQ(own_.ask("SELECT count(*) FROM comments"), std::to_string(node.metrics.committed_actions.value()));
}

TEST_F(PostgresWriting, RemovedTextIsInNoRow) {
  PostgresNode node{own_};
  ASSERT_TRUE(node.storage.add(comment(1, "secret")));
  ASSERT_TRUE(node.storage.edit(comment_id(1), "secret too", at(3)));
  ASSERT_TRUE(node.storage.remove(comment_id(1), at(4)));
  EXPECT_EQ(own_.ask("SELECT (SELECT count(*) FROM comments WHERE content IS NOT NULL) + "
                     "(SELECT count(*) FROM updates WHERE content IS NOT NULL)"),
            "0");
}

TEST_F(PostgresWriting, TakesAnyText) {
  PostgresNode node{own_};
  const std::string text = "{\"a\\\",NULL}\n\t'; DROP TABLE comments; -- \xF0\x9F\x98\x80 \\\\ \"\" {}";
  ASSERT_TRUE(node.storage.add(comment(1, text)));
  ASSERT_TRUE(node.storage.add(comment(2, "NULL")));
  const auto page = node.storage.list({});
  EXPECT_EQ(page->comments[0].content.value(), text);
  EXPECT_EQ(page->comments[1].content.value(), "NULL");
}

}  // namespace
}  // namespace danwa::tests
