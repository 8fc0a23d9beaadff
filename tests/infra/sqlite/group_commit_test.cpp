#include <gtest/gtest.h>

#include <future>
#include <set>
#include <vector>

#include "infra/sqlite/connection.hpp"
#include "infra/sqlite/database_runner.hpp"
#include "infra/sqlite/node.hpp"
#include "infra/sqlite/write_transaction.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait_for.hpp"

namespace danwa::tests {
namespace {

using namespace std::chrono_literals;
using Added = domain::Result<usecase::CommentRepository::Added>;

class GroupCommit : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  sqlite::SqliteOptions options_{.master_path = directory_.file("danwa.db")};
};

TEST_F(GroupCommit, PutsManyWaitingActionsInOneTransaction) {
  Node node{options_};
  std::vector<std::future<Added>> answers;
  for (std::uint64_t n = 1; n <= 500; ++n) answers.push_back(node.storage.start_add(comment(n)));
  std::set<domain::Seq> seqs;
  for (auto& answer : answers) seqs.insert(answer.get()->comment.seq);
  EXPECT_EQ(seqs.size(), 500u);
  EXPECT_EQ(*seqs.rbegin(), 500u);
  EXPECT_EQ(node.metrics.committed_actions.value(), 500u);
  EXPECT_LT(node.metrics.commits.value(), 250u);
  EXPECT_EQ(node.metrics.writer_queue.value(), 0);
}

TEST_F(GroupCommit, AnswersWhatIsCommitted) {
  {
    Node node{options_};
    ASSERT_TRUE(node.storage.add(comment(1)));
    EXPECT_EQ(query_text(options_.master_path, "SELECT count(*) FROM comments"), "1");
  }
  Node again{options_};
  EXPECT_EQ(again.storage.head()->seq, 1u);
}

TEST_F(GroupCommit, RefusesWhatComesAfterTheStop) {
  Node node{options_};
  node.database.stop();
  EXPECT_EQ(node.storage.add(comment(1)).error().first().code, "database-stopped");
  EXPECT_EQ(node.storage.head().error().first().code, "database-stopped");
  EXPECT_FALSE(node.database.healthy());
}

/// The writer alone, with actions that a test makes up.
class Actions : public GroupCommit {
 protected:
  using Outcome = domain::Result<int>;

  /// Queues an action behind one that keeps the writer busy until `go`, so that all share a batch.
  template <class Work>
  std::future<Outcome> submit(Work work) {
    auto answered = std::make_shared<std::promise<Outcome>>();
    auto answer = answered->get_future();
    auto resume = [answered](Outcome outcome) { answered->set_value(std::move(outcome)); };
    using Action = sqlite::FunctionAction<int, Work, decltype(resume)>;
    writer().submit(std::make_unique<Action>(std::move(work), std::move(resume)));
    return answer;
  }

  std::future<Outcome> hold_writer() {
    auto opened = go_.get_future().share();
    auto held = submit([opened](sqlite::WriteTransaction&) -> Outcome {
      opened.wait();
      return 0;
    });
    EXPECT_TRUE(wait_for([&] { return metrics_.writer_queue.value() == 0; }));
    return held;
  }

  static Outcome note(sqlite::WriteTransaction& t, const std::string& name) {
    sqlite::Query query{t.connection, "INSERT INTO meta(name, value) VALUES(?, 'x')"};
    query.bind(name).run();
    return 1;
  }

  sqlite::Writer& writer() {
    if (!writer_) {
      first_ = std::make_unique<Node>(options_);  // makes the schema
      writer_ = std::make_unique<sqlite::Writer>(options_, logger_, metrics_);
    }
    return *writer_;
  }

  std::string notes() {
    return query_text(options_.master_path,
                      "SELECT group_concat(name) FROM (SELECT name FROM meta WHERE value = 'x' ORDER BY name)");
  }

  QuietLogger logger_;
  adapters::Metrics metrics_;
  std::unique_ptr<Node> first_;
  std::unique_ptr<sqlite::Writer> writer_;
  std::promise<void> go_;
};

TEST_F(Actions, FailAloneAndAreUndone) {
  auto held = hold_writer();
  auto good = submit([](sqlite::WriteTransaction& t) { return note(t, "good"); });
  auto bad = submit([](sqlite::WriteTransaction& t) -> Outcome {
    (void)note(t, "bad");
    return domain::fail(domain::not_found("thing", "No."));
  });
  auto also_good = submit([](sqlite::WriteTransaction& t) { return note(t, "too"); });
  go_.set_value();
  EXPECT_TRUE(good.get());
  EXPECT_EQ(bad.get().error().first().code, "not-found");
  EXPECT_TRUE(also_good.get());
  EXPECT_EQ(notes(), "good,too");
  EXPECT_LE(metrics_.commits.value(), 2u);  // one batch beside the one that held the writer
}

TEST_F(Actions, ThatBreakAConstraintFailAlone) {
  auto held = hold_writer();
  auto good = submit([](sqlite::WriteTransaction& t) { return note(t, "good"); });
  auto bad = submit([](sqlite::WriteTransaction& t) { return note(t, "good"); });
  go_.set_value();
  EXPECT_TRUE(good.get());
  EXPECT_EQ(bad.get().error().first().kind, domain::ErrorKind::internal);
  EXPECT_TRUE(logger_.has("database.action-failed"));
  EXPECT_TRUE(writer_->healthy());
}

TEST_F(Actions, ThatThrowFailAlone) {
  auto held = hold_writer();
  auto bad = submit([](sqlite::WriteTransaction&) -> Outcome { throw std::runtime_error{"a defect"}; });
  auto good = submit([](sqlite::WriteTransaction& t) { return note(t, "good"); });
  go_.set_value();
  EXPECT_EQ(bad.get().error().first().kind, domain::ErrorKind::internal);
  EXPECT_TRUE(good.get());
}

TEST_F(Actions, LeaveTheChannelNumberedWhenOneIsUndone) {
  auto held = hold_writer();
  const auto take = [](sqlite::WriteTransaction& t) {
    return t.channels.next(t.connection, Storage::lobby(), at(5)).seq;
  };
  auto first = submit([take](sqlite::WriteTransaction& t) -> Outcome { return static_cast<int>(take(t)); });
  auto undone = submit([take](sqlite::WriteTransaction& t) -> Outcome {
    take(t);
    return domain::fail(storage::database_busy());
  });
  auto second = submit([take](sqlite::WriteTransaction& t) -> Outcome { return static_cast<int>(take(t)); });
  go_.set_value();
  EXPECT_EQ(first.get().value(), 1);
  EXPECT_FALSE(undone.get());
  EXPECT_EQ(second.get().value(), 2);
  EXPECT_EQ(query_text(options_.master_path, "SELECT head FROM channels"), "2");
}

TEST_F(Actions, LeaveTheVisibilityWhenOneIsUndone) {
  auto held = hold_writer();
  const auto close = [](sqlite::WriteTransaction& t) {
    t.channels.next(t.connection, Storage::lobby(), at(5));
    t.save_settings(Storage::lobby(), {company(), conversation(), {}, domain::Visibility::restricted});
  };
  const auto come = [](sqlite::WriteTransaction& t) -> Outcome {
    if (auto inside = t.enter(Storage::lobby(), user()); !inside) return domain::fail(inside.error());
    return 1;
  };
  auto undone = submit([close](sqlite::WriteTransaction& t) -> Outcome {
    close(t);
    return domain::fail(storage::database_busy());
  });
  auto let_in = submit(come);
  auto done = submit([close](sqlite::WriteTransaction& t) -> Outcome {
    close(t);
    return 1;
  });
  auto kept_out = submit(come);
  go_.set_value();
  EXPECT_FALSE(undone.get());
  EXPECT_TRUE(let_in.get());
  EXPECT_TRUE(done.get());
  EXPECT_EQ(kept_out.get().error().first().code, "not-a-member");
}

TEST_F(Actions, BeyondTheQueueAreRefusedAtOnce) {
  options_.writer_queue = 2;
  auto held = hold_writer();
  auto first = submit([](sqlite::WriteTransaction& t) { return note(t, "a"); });
  auto second = submit([](sqlite::WriteTransaction& t) { return note(t, "b"); });
  auto third = submit([](sqlite::WriteTransaction& t) { return note(t, "c"); });
  ASSERT_EQ(third.wait_for(1s), std::future_status::ready);
  EXPECT_EQ(third.get().error().first().code, "database-busy");
  go_.set_value();
  EXPECT_TRUE(first.get());
  EXPECT_TRUE(second.get());
}

TEST_F(Actions, ThatWaitAreDoneBeforeTheWriterStops) {
  auto held = hold_writer();
  auto waiting = submit([](sqlite::WriteTransaction& t) { return note(t, "a"); });
  go_.set_value();
  writer_->stop();
  EXPECT_TRUE(waiting.get());
  EXPECT_EQ(submit([](sqlite::WriteTransaction& t) { return note(t, "b"); }).get().error().first().code,
            "database-stopped");
}

}  // namespace
}  // namespace danwa::tests
