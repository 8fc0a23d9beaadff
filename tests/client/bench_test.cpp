#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "app/bench/ledger.hpp"
#include "app/bench/run_state.hpp"
#include "checker/verdict.hpp"
#include "client/fake_node.hpp"

namespace danwa::tests {
namespace {

using bench::BenchOptions;
using bench::kFailedRequests;
using bench::kFine;
using bench::kViolated;

class Bench : public testing::Test {
 protected:
  BenchOptions options() {
    BenchOptions wanted;
    wanted.nodes = {a.name(), b.name()};
    wanted.posters = 4;
    wanted.watchers = 4;
    wanted.conversations = 2;
    wanted.posts = 200;
    wanted.settle_seconds = 0.5;
    wanted.token_for = [](const std::string& user) { return user; };
    return wanted;
  }
  int run(const BenchOptions& wanted) {
    testing::internal::CaptureStdout();
    const int status = bench::run_bench(wanted);
    report = testing::internal::GetCapturedStdout();
    return status;
  }
  std::uint64_t figure(const std::string& name) const { return bench::scan_number(report, "\"" + name + "\":"); }

  FakeLog log;
  FakeNode a{log};
  FakeNode b{log};
  std::string report;
};

TEST_F(Bench, PassesSoundNodesAndCounts) {
  EXPECT_EQ(run(options()), kFine) << report;
  EXPECT_EQ(figure("acknowledged"), 200U);
  EXPECT_EQ(figure("count"), 400U) << "two watchers a conversation, 100 comments each";
  EXPECT_NE(report.find(R"("ok":true)"), std::string::npos);
}

TEST_F(Bench, OpenLoopKeepsItsRate) {
  auto wanted = options();
  wanted.rate = 400;
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_GE(figure("seconds") * 1000 + 1000, 480U);
  EXPECT_LE(figure("per_second"), 410U);
}

TEST_F(Bench, KeepsNoMorePostsUnansweredThanItMay) {
  auto wanted = options();
  wanted.posters = 8;
  wanted.watchers = 0;
  wanted.posts = 100;
  for (auto* node : {&a, &b}) {
    node->fate = [](std::uint64_t) {
      std::this_thread::sleep_for(std::chrono::milliseconds{2});
      return PostFate::answer;
    };
  }
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_GT(log.most_unanswered, 3) << "without a limit";
  log.most_unanswered = 0;
  wanted.in_flight = 3;
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_EQ(log.most_unanswered, 3);
  EXPECT_EQ(figure("acknowledged"), 100U);
}

TEST_F(Bench, LetsWatchersReceiveACommentBeforeItSendsMore) {
  auto wanted = options();
  wanted.posters = 8;
  wanted.posts = 100;
  wanted.conversations = 1;
  wanted.watchers = 3;
  b.delivery_delay = std::chrono::milliseconds{2};
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_GT(log.most_lacked, 4U) << "without a limit";
  log.most_lacked = 0;
  log.most_unanswered = 0;
  wanted.in_flight = 4;
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_EQ(log.most_lacked, 4U);
  EXPECT_LE(log.most_unanswered, 4);
  EXPECT_EQ(figure("count"), 300U) << "each delivery is checked as ever";
  EXPECT_EQ(figure("in_flight_timeouts"), 0U);
}

TEST_F(Bench, ALimitAndARateHoldTogether) {
  auto wanted = options();
  wanted.posters = 8;
  wanted.posts = 40;
  wanted.conversations = 1;
  wanted.rate = 100'000;  // all are due at once
  wanted.in_flight = 2;
  b.delivery_delay = std::chrono::milliseconds{2};
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_EQ(log.most_lacked, 2U);
  EXPECT_GE(figure("p50"), 20'000U) << "a comment that is held up is late: by 2 ms for each one before it";
}

TEST_F(Bench, ALostUpdateHoldsUpALimitedLoadForAWhileOnly) {
  auto wanted = options();
  wanted.in_flight = 1;
  wanted.conversations = 1;
  wanted.posts = 20;
  b.deliver = [](std::uint64_t seq, const std::string& frame) {
    return seq == 10 ? std::vector<std::string>{} : std::vector{frame};
  };
  EXPECT_EQ(run(wanted), kViolated) << report;
  EXPECT_EQ(figure("acknowledged"), 20U);
  EXPECT_EQ(figure("in_flight_timeouts"), 1U);
  EXPECT_GE(figure("lost"), 1U);
}

TEST_F(Bench, SomeWatchersReadNothingWhileItPostsAndEverythingAfterwards) {
  auto wanted = options();
  wanted.rate = 400;  // half a second
  wanted.stall = 2;
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_EQ(figure("count"), 400U);
  const auto apart = report.find("\"stalled_send_to_socket_us\":");
  ASSERT_NE(apart, std::string::npos) << report;
  EXPECT_GE(bench::scan_number(report.substr(apart), "\"max\":"), 490'000U) << "the first comment waited longest";
  const auto others = report.find("\"send_to_socket_us\":");
  EXPECT_LT(bench::scan_number(report.substr(others), "\"p50\":"), 100'000U);
  wanted.stall = 0;
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_EQ(bench::scan_number(report.substr(report.find("\"stalled_send_to_socket_us\":")), "\"max\":"), 0U);
}

TEST_F(Bench, FindsOneLostUpdate) {
  b.deliver = [](std::uint64_t seq, const std::string& frame) {
    return seq == 50 ? std::vector<std::string>{} : std::vector{frame};
  };
  EXPECT_EQ(run(options()), kViolated) << report;
  EXPECT_GE(figure("lost"), 1U);
}

TEST_F(Bench, FindsThatTheLastUpdateNeverCame) {
  b.deliver = [](std::uint64_t seq, const std::string& frame) {
    return seq == 100 ? std::vector<std::string>{} : std::vector{frame};
  };
  EXPECT_EQ(run(options()), kViolated) << report;
  EXPECT_EQ(figure("lost"), 2U) << "both watchers of node b";
}

TEST_F(Bench, FindsADoubledUpdate) {
  a.deliver = [](std::uint64_t seq, const std::string& frame) {
    return seq == 50 ? std::vector{frame, frame} : std::vector{frame};
  };
  EXPECT_EQ(run(options()), kViolated) << report;
  EXPECT_EQ(figure("duplicated"), 2U);
}

TEST_F(Bench, FindsASwappedPair) {
  auto held = std::make_shared<std::map<std::thread::id, std::string>>();
  a.deliver = [held](std::uint64_t seq, const std::string& frame) {
    auto& mine = (*held)[std::this_thread::get_id()];
    if (seq == 50) {
      mine = frame;
      return std::vector<std::string>{};
    }
    return seq == 51 ? std::vector{frame, mine} : std::vector{frame};
  };
  EXPECT_EQ(run(options()), kViolated) << report;
  EXPECT_GE(figure("reordered"), 1U);
}

TEST_F(Bench, FindsAForeignTextUnderANumber) {
  a.deliver = [](std::uint64_t seq, const std::string& frame) {
    std::string changed = frame;
    if (seq == 50) changed.replace(changed.find("commentContent") + 17, 4, "EVIL");
    return std::vector{changed};
  };
  EXPECT_EQ(run(options()), kViolated) << report;
}

TEST_F(Bench, FindsACommentThatNobodySent) {
  a.deliver = [](std::uint64_t seq, const std::string& frame) {
    std::vector<std::string> all{frame};
    if (seq == 100)
      all.push_back(R"({"type":"comment-added","payload":{"commentId":"x","commentContent":"?","seq":101}})");
    return all;
  };
  EXPECT_EQ(run(options()), kViolated) << report;
  EXPECT_GE(figure("foreign"), 1U);
}

TEST_F(Bench, FindsAnAcknowledgedCommentThatTheLogForgot) {
  auto wanted = options();
  wanted.watchers = 0;
  wanted.posters = 1;
  wanted.nodes = {a.name()};
  wanted.crash_tolerant = true;
  a.fate = [](std::uint64_t n) { return n == 199 ? PostFate::forget : PostFate::answer; };
  EXPECT_EQ(run(wanted), kViolated) << report;
  EXPECT_EQ(figure("lost"), 1U);
}

TEST_F(Bench, CallsALostConnectionAFailureUnlessToleranceIsAskedFor) {
  a.fate = [](std::uint64_t n) { return n == 20 ? PostFate::hang_up : PostFate::answer; };
  EXPECT_EQ(run(options()), kFailedRequests) << report;
  EXPECT_EQ(figure("failures"), 1U);
}

TEST_F(Bench, TriesABusyNodeAgainAndTellsHowOften) {
  auto wanted = options();
  wanted.posts = 40;
  a.fate = [](std::uint64_t n) { return n == 5 ? PostFate::busy : PostFate::answer; };
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_EQ(figure("503"), 1U);
  EXPECT_EQ(figure("acknowledged"), 40U);
}

TEST_F(Bench, CrashTolerantItRetriesElsewhereAndNothingIsDoubled) {
  auto wanted = options();
  wanted.crash_tolerant = true;
  wanted.settle_seconds = 5;
  a.fate = [](std::uint64_t n) { return n % 20 == 0 ? PostFate::hang_up : PostFate::answer; };
  auto cut = std::make_shared<std::atomic<int>>(0);
  b.deliver = [cut](std::uint64_t seq, const std::string& frame) {
    return seq % 40 == 0 && (*cut)++ < 3 ? std::vector<std::string>{""} : std::vector{frame};
  };
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_EQ(figure("acknowledged"), 200U);
  EXPECT_GE(figure("replays"), 1U);
  EXPECT_GE(figure("reconnects"), 1U);
}

TEST_F(Bench, WritesAHistoryThatTheCheckerPasses) {
  char file[] = "/tmp/danwa-history-XXXXXX";
  ::close(::mkstemp(file));
  auto wanted = options();
  wanted.history = file;
  EXPECT_EQ(run(wanted), kFine) << report;
  std::ifstream in{file};
  std::vector<checker::Event> events;
  checker::read_history(in, events);
  std::remove(file);
  const auto verdict = checker::check(events, 5'000'000);
  EXPECT_TRUE(verdict.fine()) << (verdict.words.empty() ? "" : verdict.words.front());
  EXPECT_EQ(verdict.checked_posts, 200U);
  EXPECT_EQ(verdict.checked_deliveries, 400U);
  EXPECT_EQ(verdict.checked_log, 200U);
}

TEST_F(Bench, IdleOnlyConnects) {
  auto wanted = options();
  wanted.idle = 20;
  wanted.seconds = 0.1;
  wanted.pids = {::getpid()};
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_NE(report.find("resident_bytes_per_watcher"), std::string::npos);
}

TEST_F(Bench, ConnectsAndLeavesAsOftenAsAsked) {
  auto wanted = options();
  wanted.connects = 100;
  wanted.pids = {::getpid()};
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_EQ(figure("count"), 100U);
  EXPECT_EQ(a.watches() + b.watches(), 100U);
  EXPECT_GE(b.watches(), 1U);
  EXPECT_NE(report.find("cpu_us_per_connect"), std::string::npos);
}

TEST_F(Bench, PostsToTheFirstNodeAloneIfAsked) {
  auto wanted = options();
  wanted.post_to_first = true;
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_EQ(a.posts(), 200U);
  EXPECT_EQ(figure("count"), 400U) << "watchers of both nodes received them";
}

TEST_F(Bench, CountsVoluntaryContextSwitches) {
  auto wanted = options();
  wanted.pids = {::getpid()};
  const auto before = bench::figures_of(::getpid());
  ASSERT_TRUE(before.has_value());
  for (int i = 0; i < 50; ++i) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  const auto after = bench::figures_of(::getpid());
  ASSERT_TRUE(after.has_value());
  EXPECT_GE(after->voluntary_switches - before->voluntary_switches, 50U);
  EXPECT_EQ(run(wanted), kFine) << report;
  EXPECT_GE(figure("switches_per_post"), 1U) << "a thread of the fake nodes waits for each post";
}

TEST(Histogram, TellsPercentilesWithinTwoPercent) {
  bench::Histogram histogram;
  for (std::int64_t us = 1; us <= 100'000; ++us) histogram.add(us);
  EXPECT_NEAR(static_cast<double>(histogram.at(0.5)), 50'000, 1'000);
  EXPECT_NEAR(static_cast<double>(histogram.at(0.99)), 99'000, 2'000);
  EXPECT_EQ(histogram.at(1.0), 100'000U);
  EXPECT_EQ(histogram.total(), 100'000U);
}

TEST(TextHash, TellsNeighboursApart) {
  EXPECT_EQ(bench::text_hash("run 1 2 xxxx"), bench::text_hash("run 1 2 xxxx"));
  EXPECT_NE(bench::text_hash("run 1 2 xxxx"), bench::text_hash("run 1 3 xxxx"));
  EXPECT_NE(bench::text_hash("x"), bench::text_hash("xx"));
  EXPECT_NE(bench::text_hash(""), bench::text_hash(std::string(1, '\0')));
}

TEST(ScanFrame, ReadsAnUpdateWhateverItsTextHolds) {
  const auto frame = bench::scan_frame(
      R"({"type":"comment-added","payload":{"commentId":"i","commentContent":"a \"seq\":7 b","authorId":"u","seq":42}})");
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->seq, 42U);
  EXPECT_EQ(frame->id, "i");
  EXPECT_FALSE(bench::scan_frame("{}").has_value());
}

}  // namespace
}  // namespace danwa::tests
