#include "infra/net/io_threads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "support/io_thread_count.hpp"
#include "support/wait_for.hpp"

namespace danwa::net {
namespace {

using namespace std::chrono_literals;
using tests::wait_for;

/// Runs `call` on the thread and waits for its end.
template <class Call>
void on(IoThread& io_thread, Call call) {
  const auto done = std::make_shared<std::promise<void>>();
  io_thread.post([&call, done] {
    call();
    done->set_value();
  });
  done->get_future().wait();
}

TEST(IoThreads, AThreadKnowsItself) {
  IoThreads threads{3};
  EXPECT_EQ(IoThread::current(), nullptr);
  for (std::size_t i = 0; i < threads.size(); ++i) {
    on(threads.at(i), [&] {
      EXPECT_EQ(IoThread::current(), &threads.at(i));
      EXPECT_EQ(threads.here_or_next(), i);
      EXPECT_EQ(threads.at(i).index(), i);
      EXPECT_FALSE(threads.at((i + 1) % 3).is_current());
    });
  }
}

TEST(IoThreads, OthersAreDealtOutInTurn) {
  IoThreads threads{3};
  std::vector<std::size_t> dealt;
  for (int i = 0; i < 6; ++i) dealt.push_back(threads.here_or_next());
  EXPECT_EQ(dealt, (std::vector<std::size_t>{0, 1, 2, 0, 1, 2}));
}

TEST(IoThreads, JobsOfManyThreadsRunOnceAndInTheOrderOfEach) {
  IoThreads threads{1};
  constexpr int kCallers = 4, kCalls = 5'000;
  std::vector<std::vector<int>> seen(kCallers);  // on the io thread only
  std::atomic<int> ran{0};
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      for (int call = 0; call < kCalls; ++call) {
        threads.at(0).post([&, caller, call] {
          seen[static_cast<std::size_t>(caller)].push_back(call);
          ++ran;
        });
      }
    });
  }
  for (auto& caller : callers) caller.join();
  ASSERT_TRUE(wait_for([&] { return ran == kCallers * kCalls; }));
  on(threads.at(0), [&] {
    for (const auto& calls : seen) {
      ASSERT_EQ(calls.size(), static_cast<std::size_t>(kCalls));
      for (int i = 0; i < kCalls; ++i) ASSERT_EQ(calls[static_cast<std::size_t>(i)], i);
    }
  });
}

TEST(IoThreads, JobsThatThreadsGiveEachOtherAllRun) {
  IoThreads threads{tests::io_thread_count()};
  constexpr int kChains = 50, kSteps = 400;
  std::vector<int> ran(threads.size());  // each counted on its thread only
  std::atomic<int> ended{0};
  std::function<void(std::size_t, int)> go = [&](std::size_t at, int left) {
    ++ran[at];
    if (left == 0) return static_cast<void>(++ended);
    const std::size_t next = (at + 1) % threads.size();
    const auto pass_on = [&go, &threads, next, left] {
      threads.at(next).post([&go, next, left] { go(next, left - 1); });
    };
    left % 2 == 0 ? pass_on() : threads.at(at).post_as_one_of_many(pass_on);
  };
  for (int chain = 0; chain < kChains; ++chain) {
    auto& first = threads.next();
    first.post([&go, at = first.index()] { go(at, kSteps); });
  }
  ASSERT_TRUE(wait_for([&] { return ended == kChains; }));
  int all = 0;
  for (std::size_t i = 0; i < threads.size(); ++i) on(threads.at(i), [&] { all += ran[i]; });
  EXPECT_EQ(all, kChains * (kSteps + 1));
}

TEST(IoThreads, AJobNeverRunsInsideTheCall) {
  IoThreads threads{1};
  on(threads.at(0), [&] {
    bool ran = false;
    threads.at(0).run({[](void* what) { *static_cast<bool*>(what) = true; }, &ran});
    EXPECT_FALSE(ran);
    threads.at(0).run(
        {[](void* what) { *static_cast<bool*>(what) = false; }, &ran});  // the last word, still in this turn
  });
}

TEST(IoThreads, TheManyDelayNoOtherAndAllOfThemRun) {
  IoThreads threads{1};
  constexpr int kMany = 10'000, kOthers = 100;
  int many = 0;  // on the io thread only, as all of these
  std::vector<int> others;
  std::function<void()> ask = [&] {
    others.push_back(many);
    if (static_cast<int>(others.size()) < kOthers) threads.at(0).post(ask);
  };
  const Job one_more{[](void* count) { ++*static_cast<int*>(count); }, &many};
  on(threads.at(0), [&] {
    for (int i = 0; i < kMany; ++i) threads.at(0).run_as_one_of_many(one_more);
    threads.at(0).post(ask);
  });
  ASSERT_TRUE(wait_for([&] {
    bool all = false;
    on(threads.at(0), [&] { all = many == kMany && static_cast<int>(others.size()) == kOthers; });
    return all;
  }));
  EXPECT_LT(others.front(), 100);  // it came behind all of them
  EXPECT_LT(others.back(), kMany);
}

struct Turn {
  IoThread& thread;
  std::vector<char> happened = {};
  bool asked = false;

  /// A step, which asks for the end of its turn once.
  static void step(void* what) {
    auto& turn = *static_cast<Turn*>(what);
    turn.happened.push_back('j');
    if (!std::exchange(turn.asked, true)) turn.thread.at_turn_end({end, what});
  }
  static void end(void* what) {
    auto& turn = *static_cast<Turn*>(what);
    turn.happened.push_back('e');
    turn.asked = false;
  }
};

TEST(IoThreads, WhatCameTogetherEndsTogether) {
  IoThreads threads{1};
  Turn turn{threads.at(0)};
  on(threads.at(0), [&] {
    for (int i = 0; i < 20; ++i) threads.at(0).run({Turn::step, &turn});
  });
  on(threads.at(0), [] {});
  on(threads.at(0), [&] {
    EXPECT_EQ(turn.happened.size(), 21U);
    EXPECT_EQ(std::count(turn.happened.begin(), turn.happened.end(), 'e'), 1);
    EXPECT_EQ(turn.happened.back(), 'e');
  });
}

TEST(IoThreads, WhatGivesWorkToManyComesFirst) {
  IoThreads threads{1};
  std::vector<int> ran;
  on(threads.at(0), [&] {
    for (int i = 0; i < 100; ++i) threads.at(0).post([&ran, i] { ran.push_back(i); });
    threads.at(0).post_first([&] { ran.push_back(-1); });
    threads.at(0).post_first([&] { ran.push_back(-2); });
  });
  ASSERT_TRUE(wait_for([&] {
    bool whole = false;
    on(threads.at(0), [&] { whole = ran.size() == 102; });
    return whole;
  }));
  const auto first = std::find(ran.begin(), ran.end(), -1), last = std::find(ran.begin(), ran.end(), 99);
  EXPECT_LT(first - ran.begin(), 40) << "it waited for at most one turn";
  EXPECT_EQ(*(first + 1), -2);
  EXPECT_EQ(last, ran.end() - 1);
}

TEST(IoThreads, AFloodOfJobsLeavesTheSocketsTheirTurn) {
  IoThreads threads{1};
  struct Flood {
    IoThread& thread;
    std::atomic<bool> stop{false};
    static void again(void* what) {
      auto& flood = *static_cast<Flood*>(what);
      if (!flood.stop) flood.thread.run({again, what});
    }
  } flood{threads.at(0)};
  threads.at(0).run({Flood::again, &flood});
  boost::asio::steady_timer timer{threads.at(0).context()};
  std::atomic<bool> rang{false}, called{false};
  threads.at(0).post([&] {
    timer.expires_after(1ms);
    timer.async_wait([&](const boost::system::error_code&) { rang = true; });
  });
  EXPECT_TRUE(wait_for([&] { return rang.load(); }));
  threads.at(0).post([&] { called = true; });  // and other threads theirs
  EXPECT_TRUE(wait_for([&] { return called.load(); }));
  flood.stop = true;
  on(threads.at(0), [] {});
}

TEST(IoThreads, AHandlerWaitsForOneTurnHoweverOftenOtherThreadsAddedJobs) {
  IoThreads threads{1};
  auto& one = threads.at(0);
  struct Turns {  // used on the io thread only, as `seen`
    IoThread& of;
    int count = 0;
    bool go_on = true;
    void one_more() {
      if (go_on) of.at_turn_end({[](void* turns) { static_cast<Turns*>(turns)->one_more(); }, this});
      ++count;
    }
  } turns{one};
  on(one, [&] { turns.one_more(); });
  for (int i = 0; i < 50; ++i) on(one, [] {});
  std::vector<int> seen;
  std::function<void()> handle = [&] {
    seen.push_back(turns.count);
    if (seen.size() < 20) boost::asio::post(one.context(), handle);
  };
  boost::asio::post(one.context(), handle);
  const bool handled = wait_for([&] {
    bool all = false;
    on(one, [&] { all = seen.size() == 20; });
    return all;
  });
  on(one, [&] { turns.go_on = false; });
  ASSERT_TRUE(handled);
  EXPECT_LE(seen.back() - seen.front(), 2 * 19);  // one each, and those of `on`
}

TEST(IoThreads, TheEndRunsWhatWaitsAndTakesNoMore) {
  auto threads = std::make_unique<IoThreads>(2);
  std::atomic<int> ran{0};
  std::promise<void> gate;
  auto open = gate.get_future().share();
  threads->at(0).post([open] { open.wait(); });
  for (int i = 0; i < 1'000; ++i) {
    threads->at(0).post([&] {
      ++ran;
      threads->at(0).post([&] { ++ran; });
    });
  }
  std::thread opener{[&] { gate.set_value(); }};
  threads->end();
  opener.join();
  EXPECT_EQ(ran, 2'000);
  EXPECT_FALSE(threads->at(0).run({[](void*) { FAIL(); }, nullptr}));
  threads->at(1).post([] { FAIL(); });
  threads->end();  // again
}

TEST(IoThreads, TheEndDestroysHandlersBeforeItReturns) {
  IoThreads threads{1};
  const auto held = std::make_shared<int>(1);
  on(threads.at(0), [&] {
    const auto timer = std::make_shared<boost::asio::steady_timer>(threads.at(0).context(), 1h);
    timer->async_wait([timer, held](const boost::system::error_code&) {});
  });
  EXPECT_EQ(held.use_count(), 2);
  threads.end();
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace danwa::net
