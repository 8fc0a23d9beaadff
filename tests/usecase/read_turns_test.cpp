#include "usecase/read_turns.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <optional>

namespace danwa::usecase {
namespace {

using domain::ErrorKind;
using domain::Result;
using Claim = ReadTurns::Claim;

domain::Credential caller(std::string company, std::string user) {
  return {.company = domain::CompanyId::trusted(std::move(company)),
          .user = domain::UserId::trusted(std::move(user)),
          .stores = {},
          .grants = std::nullopt,
          .expires_at = std::nullopt};
}

class ReadTurnsTest : public testing::Test {
 protected:
  using Answer = std::optional<Result<int>>;

  /// A read that ends when the test says so, and notes that it has begun.
  Async<Result<int>> read(int number) {
    begun.push_back(number);
    auto start = [this](auto resume) { ends.emplace_back([resume = std::move(resume)]() mutable { resume(1); }); };
    co_await suspend_until<int>(std::move(start));
    co_return number;
  }
  /// Asks for a read, and returns where its answer will be.
  std::shared_ptr<Answer> ask(int number, const domain::Credential& who, std::shared_ptr<Visit> visit = nullptr,
                              Claim claim = Claim::fresh) {
    auto answer = std::make_shared<Answer>();
    boost::asio::co_spawn(io, turns.in_turn(who, std::move(visit), read(number), claim),
                          [answer](const std::exception_ptr& failure, Result<int> got) {
                            ASSERT_FALSE(failure);
                            *answer = std::move(got);
                          });
    settle();
    return answer;
  }
  void settle() {
    io.restart();
    io.poll();
  }
  void end_oldest() {
    auto end = std::move(ends.front());
    ends.pop_front();
    end();
    settle();
  }
  /// A read that is left would give its turn back to turns that are no more.
  void TearDown() override {
    while (!ends.empty()) end_oldest();
  }
  static std::string code(const std::shared_ptr<Answer>& answer) {
    if (!*answer) return "none";
    return **answer ? "good" : (*answer)->error().first().code;
  }

  ReadTurns::Limits limits{.turns = {.running = 2, .running_of_caller = 8, .waiting_of_caller = 3},
                           .answers = {.node = 3 << 20, .company = 2 << 20, .caller = 1 << 20},
                           .patience = std::chrono::milliseconds{2000}};
  boost::asio::io_context io;
  ReadTurns turns{limits};
  std::vector<int> begun;
  std::deque<std::function<void()>> ends;
  const domain::Credential ann = caller("acme", "ann");
  const domain::Credential eve = caller("globex", "eve");
};

TEST_F(ReadTurnsTest, AReadThatWaitsIsNotBegun) {
  const auto first = ask(1, ann);
  const auto second = ask(2, ann);
  EXPECT_EQ(begun, (std::vector{1}));
  end_oldest();
  EXPECT_EQ(code(first), "good");
  EXPECT_EQ(begun, (std::vector{1, 2}));
  end_oldest();
  EXPECT_EQ(code(second), "good");
}

TEST_F(ReadTurnsTest, AnotherCompanyDoesNotWaitForAFlood) {
  for (int n = 1; n <= 4; ++n) ask(n, ann);
  ask(100, eve);
  EXPECT_EQ(begun, (std::vector{1, 100}));
}

TEST_F(ReadTurnsTest, MoreThanMayWaitAreTooMany) {
  for (int n = 1; n <= 4; ++n) ask(n, ann);
  const auto refused = ask(5, ann);
  EXPECT_EQ(code(refused), "too-many-reads");
  EXPECT_EQ((*refused)->error().first().kind, ErrorKind::too_many);
  EXPECT_EQ(code(ask(6, ann, nullptr, Claim::owed)), "none") << "a poll that was woken is not refused";
  EXPECT_EQ(code(ask(7, caller("acme", "bob"))), "none");
}

TEST_F(ReadTurnsTest, EverybodyWithoutANameIsOneCaller) {
  auto nobody = caller("acme", "a");
  nobody.anonymous = true;
  auto another = caller("acme", "b");
  another.anonymous = true;
  for (int n = 1; n <= 4; ++n) ask(n, n % 2 == 0 ? nobody : another);
  EXPECT_EQ(code(ask(5, nobody)), "too-many-reads");
  EXPECT_EQ(code(ask(6, another)), "too-many-reads");
}

TEST_F(ReadTurnsTest, AReadWhoseClientLeavesIsDroppedAtOnce) {
  ask(1, ann);
  const auto visit = std::make_shared<Visit>();
  const auto dropped = ask(2, ann, visit);
  const auto waits = ask(3, ann);
  EXPECT_EQ(code(dropped), "none");
  visit->leave();
  settle();
  EXPECT_EQ(code(dropped), "client-left");
  end_oldest();
  EXPECT_EQ(begun, (std::vector{1, 3}));
}

TEST_F(ReadTurnsTest, WhoHasLeftBeforeIsServedOnlyWhereThatKeepsNobodyWaiting) {
  const auto gone = std::make_shared<Visit>();
  gone->leave();
  const auto alone = ask(1, ann, gone);
  EXPECT_EQ(begun, (std::vector{1})) << "it may have closed its sending side alone";
  EXPECT_EQ(code(ask(2, ann, gone)), "client-left");
  end_oldest();
  EXPECT_EQ(code(alone), "good");
}

TEST_F(ReadTurnsTest, AReadThatRunsIsNotTouchedWhenItsClientLeaves) {
  const auto visit = std::make_shared<Visit>();
  const auto answer = ask(1, ann, visit);
  visit->leave();
  settle();
  end_oldest();
  EXPECT_EQ(code(answer), "good");
}

TEST_F(ReadTurnsTest, PatienceEnds) {
  ReadTurns hurried{{.turns = {.running = 1}, .answers = {}, .patience = std::chrono::milliseconds{1}}};
  std::optional<Result<int>> late;
  boost::asio::co_spawn(io, hurried.in_turn(ann, nullptr, read(1)), [](const std::exception_ptr&, Result<int>) {});
  boost::asio::co_spawn(io, hurried.in_turn(eve, nullptr, read(2)),
                        [&](const std::exception_ptr&, Result<int> got) { late = std::move(got); });
  io.restart();
  while (!late && io.run_one() > 0) {
  }
  ASSERT_TRUE(late);
  EXPECT_EQ(late->error().first().code, "node-busy");
  EXPECT_EQ(begun, (std::vector{1}));
  end_oldest();
}

TEST_F(ReadTurnsTest, AnswersInMemoryCountUntilTheVisitEnds) {
  auto visit = std::make_shared<Visit>();
  ask(1, ann, visit);
  end_oldest();
  EXPECT_EQ(turns.held(), 0u);
  visit->hold(700'000);
  EXPECT_EQ(turns.held(), 700'000u);
  const auto refused = ask(2, ann);
  EXPECT_EQ(code(refused), "too-many-reads") << "a page more does not fit in the share of one caller";
  EXPECT_EQ(code(ask(3, eve)), "none");
  end_oldest();
  visit->hold(100);
  EXPECT_EQ(turns.held(), 100u);
  visit.reset();
  EXPECT_EQ(turns.held(), 0u);
  ask(4, ann);
  EXPECT_EQ(begun.back(), 4);
  end_oldest();
}

TEST_F(ReadTurnsTest, AFullNodeIsBusyForEverybody) {
  std::vector<std::shared_ptr<Visit>> visits;
  for (const char* company : {"a", "b", "c"}) {
    visits.push_back(std::make_shared<Visit>());
    ask(1, caller(company, "x"), visits.back());
    end_oldest();
    visits.back()->hold(900'000);
  }
  const auto refused = ask(2, eve);
  EXPECT_EQ(code(refused), "node-busy");
  EXPECT_EQ((*refused)->error().first().kind, ErrorKind::unavailable);
  visits.pop_back();
  EXPECT_EQ(code(ask(3, eve)), "none");
  end_oldest();
}

TEST_F(ReadTurnsTest, APlaceIsFreeAgainAfterARefusalForLackOfRoom) {
  auto visit = std::make_shared<Visit>();
  ask(1, ann, visit);
  end_oldest();
  visit->hold(1'000'000);
  for (int n = 0; n < 10; ++n) EXPECT_EQ(code(ask(2, ann)), "too-many-reads");
  visit.reset();
  EXPECT_EQ(code(ask(3, ann)), "none");
  end_oldest();
}

TEST_F(ReadTurnsTest, AtTheEndOfTheNodeNobodyWaits) {
  const auto runs = ask(1, ann);
  const auto waits = ask(2, ann);
  const auto owed = ask(3, ann, nullptr, Claim::owed);
  turns.close();
  settle();
  for (const auto& answer : {waits, owed, ask(4, ann), ask(5, eve)}) {
    ASSERT_EQ(code(answer), "draining");
    EXPECT_EQ((*answer)->error().first().kind, ErrorKind::unavailable);
  }
  end_oldest();
  EXPECT_EQ(code(runs), "good");
  EXPECT_EQ(begun, (std::vector{1})) << "the place of the read that ended goes to nobody";
}

TEST_F(ReadTurnsTest, ReadsUnderWayMayGoDownWithTheirExecutors) {
  auto one = std::make_unique<boost::asio::io_context>();
  auto other = std::make_unique<boost::asio::io_context>();
  const auto ignore = [](const std::exception_ptr&, const Result<int>&) {};
  boost::asio::co_spawn(*one, turns.in_turn(ann, nullptr, read(1)), ignore);
  one->poll();
  boost::asio::co_spawn(*other, turns.in_turn(ann, nullptr, read(2)), ignore);
  other->poll();
  turns.close();
  other.reset();
  ends.clear();
  one.reset();  // the turn that it holds is given back, to nobody
  EXPECT_EQ(begun, (std::vector{1}));
}

TEST(AnswerBudget, OneCompanyLeavesRoomForOthers) {
  AnswerBudget budget{{.node = 100, .company = 50, .caller = 30}};
  budget.change({"acme", "ann"}, 0, 30);
  EXPECT_EQ(budget.space_for({"acme", "ann"}, 1), AnswerBudget::Space::not_for_caller);
  EXPECT_EQ(budget.space_for({"acme", "bob"}, 20), AnswerBudget::Space::enough);
  EXPECT_EQ(budget.space_for({"acme", "bob"}, 21), AnswerBudget::Space::not_on_node);
  budget.change({"globex", "eve"}, 0, 60);
  EXPECT_EQ(budget.space_for({"third", "x"}, 10), AnswerBudget::Space::enough);
  EXPECT_EQ(budget.space_for({"third", "x"}, 11), AnswerBudget::Space::not_on_node);
  budget.change({"acme", "ann"}, 30, 0);
  budget.change({"globex", "eve"}, 60, 0);
  EXPECT_EQ(budget.held(), 0u);
  EXPECT_EQ(budget.companies(), 0u);
}

}  // namespace
}  // namespace danwa::usecase
