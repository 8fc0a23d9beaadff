#include "infra/postgres/writer.hpp"

#include <gtest/gtest.h>

#include "support/comments.hpp"
#include "support/wait_for.hpp"

namespace danwa::tests {
namespace {

using namespace std::chrono_literals;
using postgres::Batch;
using storage::ConflictKeys;

/// An action that only says what it touches, and keeps how it was answered.
class Marked final : public postgres::WriteAction {
 public:
  Marked(int place, ConflictKeys conflict_keys, std::vector<std::string>& answers)
      : WriteAction{std::move(conflict_keys)}, number{place}, answers_{answers} {}
  void need(postgres::BatchSnapshot&) const override {}
  void decide(const postgres::BatchSnapshot&, postgres::BatchRows&) override {}
  void reject(domain::Errors) override {}
  void finish(const domain::Position&) override {}
  void fail(const domain::Errors& errors) override { answers_.push_back(errors.first().code); }

  const int number;

 private:
  std::vector<std::string>& answers_;
};

domain::ChannelKey room(const std::string& key) {
  return domain::ChannelKey::conversation(company(), conversation(key));
}

class PostgresWriteQueue : public testing::Test {
 protected:
  void add(const std::string& key, std::vector<std::string> exclusive = {}) {
    push(ConflictKeys{room(key), false, exclusive});
  }
  void change(const std::string& key) { push(ConflictKeys{room(key), true}); }
  void push(ConflictKeys conflict_keys) {
    queue_.push(std::make_unique<Marked>(++pushed_, std::move(conflict_keys), answers_));
  }

  static std::vector<int> numbers(const Batch& batch) {
    std::vector<int> found;
    for (const auto& action : batch) found.push_back(static_cast<const Marked&>(*action).number);
    return found;
  }
  std::vector<int> take(std::size_t most = 10) {
    last_ = queue_.take(most);
    return numbers(last_.batch);
  }

  boost::asio::io_context io_;
  delivery::Gauge length_;
  postgres::WriteQueue queue_{io_, 6, 50ms, length_};
  postgres::WriteQueue::Taken last_;
  std::vector<std::string> answers_;
  int pushed_ = 0;
};

TEST_F(PostgresWriteQueue, LetsAdditionsToAChannelShareABatch) {
  add("a");
  add("b");
  add("a");
  EXPECT_EQ(take(), (std::vector{1, 2, 3}));
  EXPECT_EQ(length_.value(), 0);
}

TEST_F(PostgresWriteQueue, GivesOtherChangesTheirChannelAlone) {
  change("a");
  add("a");
  add("b");
  add("b");
  change("b");
  add("b");
  EXPECT_EQ(take(), (std::vector{1, 3, 4}));
  EXPECT_EQ(take(), (std::vector{2, 5}));
  EXPECT_EQ(take(), (std::vector{6}));
}

TEST_F(PostgresWriteQueue, KeepsTheOrderOfAChannelBehindOneThatMustWait) {
  add("a", {"key"});
  add("b", {"key"});
  add("b");
  add("c");
  EXPECT_EQ(take(), (std::vector{1, 4}));
  EXPECT_EQ(take(), (std::vector{2, 3}));
}

TEST_F(PostgresWriteQueue, TakesAtMostSoMany) {
  for (int n = 0; n < 5; ++n) add("a");
  EXPECT_EQ(take(2), (std::vector{1, 2}));
  EXPECT_EQ(take(2), (std::vector{3, 4}));
}

TEST_F(PostgresWriteQueue, LeavesAHeldChannelOutAndThenTriesItAlone) {
  add("a");
  add("b");
  add("a");
  queue_.hold(room("a"));
  EXPECT_EQ(take(), (std::vector{2}));
  EXPECT_FALSE(last_.held_before);
  EXPECT_TRUE(take().empty());
  std::vector<int> found;
  ASSERT_TRUE(wait_for([&] { return !(found = take(1)).empty(); }));
  EXPECT_EQ(found, (std::vector{1}));
  EXPECT_TRUE(last_.held_before);
  add("b");
  EXPECT_EQ(take(), (std::vector{3})) << "alone, until it is released";
  queue_.release(room("a"));
  EXPECT_EQ(take(), (std::vector{4}));
  EXPECT_FALSE(last_.held_before);
}

TEST_F(PostgresWriteQueue, TakesBackToTheFront) {
  add("a");
  add("a");
  take(1);
  queue_.put_back(std::move(last_.batch));
  EXPECT_EQ(take(), (std::vector{1, 2}));
}

TEST_F(PostgresWriteQueue, RefusesWhatIsTooMuchTooLateOrAfterTheEnd) {
  for (int n = 0; n < 7; ++n) add("a");
  EXPECT_EQ(answers_, std::vector<std::string>{"database-busy"});
  ASSERT_TRUE(wait_for([&] {
    queue_.expire();
    return answers_.size() == 7U;
  }));
  EXPECT_EQ(length_.value(), 0);
  queue_.close();
  add("a");
  EXPECT_EQ(answers_.back(), "database-stopped");
}

}  // namespace
}  // namespace danwa::tests
