#include "infra/sqlite/write_lock.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>
#include <vector>

#include "infra/sqlite/child_process.hpp"
#include "support/temporary_directory.hpp"
#include "support/wait_for.hpp"

namespace danwa::tests {
namespace {

using namespace std::chrono_literals;
using sqlite::FileLock;
using sqlite::InterProcessWriteLock;
using std::chrono::steady_clock;

class WriteTurnTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  std::string path_ = directory_.file("danwa.db");
};

TEST_F(WriteTurnTest, IsHadByOneAtATime) {
  InterProcessWriteLock first{path_};
  InterProcessWriteLock second{path_};
  ASSERT_TRUE(first.acquire_for(1s));
  EXPECT_FALSE(second.acquire_for(20ms));
  first.release();
  EXPECT_TRUE(second.acquire_for(5s));
}

TEST_F(WriteTurnTest, ComesToWhoWaitsBeforeWhoHasJustWritten) {
  InterProcessWriteLock greedy{path_};
  InterProcessWriteLock patient{path_};
  ASSERT_TRUE(greedy.acquire_for(1s));
  EXPECT_FALSE(patient.acquire_for(5ms));  // queues
  greedy.release();
  EXPECT_FALSE(greedy.acquire_for(20ms));
  EXPECT_TRUE(patient.acquire_for(5s));
}

TEST_F(WriteTurnTest, IsGivenBackWhenItComesToOneThatGaveUp) {
  InterProcessWriteLock first{path_};
  InterProcessWriteLock second{path_};
  ASSERT_TRUE(first.acquire_for(1s));
  EXPECT_FALSE(second.acquire_for(5ms));
  second.give_up();
  first.release();
  EXPECT_TRUE(first.acquire_for(5s));
}

TEST_F(WriteTurnTest, KnowsThatItsFileWasMovedAway) {
  const InterProcessWriteLock turn{path_};
  EXPECT_FALSE(turn.has_moved());
  std::filesystem::rename(path_ + ".lock", directory_.file("elsewhere"));
  EXPECT_TRUE(turn.has_moved());
  const InterProcessWriteLock other{path_};
  EXPECT_FALSE(other.has_moved());
  EXPECT_TRUE(turn.has_moved());  // another file is there
}

TEST_F(WriteTurnTest, HasAFileForItsOwnerAloneUnlessTheGroupMayWriteTheDatabase) {
  using std::filesystem::perms;
  const auto mode = [&] { return std::filesystem::status(path_ + ".lock").permissions(); };
  { const InterProcessWriteLock turn{path_}; }
  EXPECT_EQ(mode(), perms{0600});
  std::ofstream{path_} << "x";
  const std::vector<std::pair<unsigned, unsigned>> modes{
      {0600, 0600}, {0644, 0600}, {0640, 0600}, {0660, 0660}, {0666, 0660}};
  for (const auto& [database, lock] : modes) {
    std::filesystem::permissions(path_, perms{database});
    std::filesystem::permissions(path_ + ".lock", perms{0666});
    { const InterProcessWriteLock turn{path_}; }
    EXPECT_EQ(mode(), perms{lock}) << std::oct << database;
  }
}

TEST_F(WriteTurnTest, EndsWhileItWaits) {
  InterProcessWriteLock first{path_};
  ASSERT_TRUE(first.acquire_for(1s));
  const auto start = steady_clock::now();
  {
    InterProcessWriteLock second{path_};
    EXPECT_FALSE(second.acquire_for(5ms));
  }
  EXPECT_LT(steady_clock::now() - start, 2s);
}

TEST_F(WriteTurnTest, IsFreedByDeath) {
  SharedCounters seen;
  ChildProcess holder{[&] {
    FileLock lock{path_ + ".lock"};
    seen[0] = lock.try_lock(FileLock::Byte::write) ? 1 : 0;
    ::pause();
    return 0;
  }};
  ASSERT_TRUE(wait_for([&] { return seen[0] == 1; }));
  InterProcessWriteLock turn{path_};
  EXPECT_FALSE(turn.acquire_for(30ms));
  holder.signal(SIGKILL);
  EXPECT_TRUE(turn.acquire_for(5s));
}

TEST_F(WriteTurnTest, IsNotHeldUpByAProcessThatWasStoppedInTheTurnstile) {
  ChildProcess stopped{[&] {
    FileLock lock{path_ + ".lock"};
    lock.lock(FileLock::Byte::turn);
    ::raise(SIGSTOP);
    return 0;
  }};
  ASSERT_TRUE(stopped.wait_until_stopped());
  InterProcessWriteLock turn{path_};
  const auto start = steady_clock::now();
  ASSERT_TRUE(turn.acquire_for(10s));
  EXPECT_LT(steady_clock::now() - start, 2s);
  turn.release();
  const auto again = steady_clock::now();
  ASSERT_TRUE(turn.acquire_for(10s));  // and it has learnt
  EXPECT_LT(steady_clock::now() - again, 200ms);
  turn.release();
  stopped.signal(SIGCONT);
  EXPECT_EQ(stopped.wait(), 0);
  EXPECT_TRUE(turn.acquire_for(5s));
}

// Three processes that want it all the time get it about equally often.
TEST_F(WriteTurnTest, GoesRoundFairly) {
  SharedCounters turns;
  {
    const auto take_turns = [&](int mine) {
      InterProcessWriteLock turn{path_};
      while (turns[7] == 0) {
        if (!turn.acquire_for(100ms)) continue;
        if (turns[6].fetch_add(1) != 0) ++turns[5];  // two at once
        std::this_thread::sleep_for(300us);
        --turns[6];
        turn.release();
        ++turns[mine];
      }
      return 0;
    };
    ChildProcess first{[&] { return take_turns(0); }};
    ChildProcess second{[&] { return take_turns(1); }};
    ChildProcess third{[&] { return take_turns(2); }};
    ASSERT_TRUE(wait_for([&] { return turns[0] + turns[1] + turns[2] > 900; }, 60s));
    turns[7] = 1;
    EXPECT_EQ(first.wait() + second.wait() + third.wait(), 0);
  }
  RecordProperty("turns", std::to_string(turns[0]) + " " + std::to_string(turns[1]) + " " + std::to_string(turns[2]));
  EXPECT_EQ(turns[5], 0);
  for (int i = 0; i < 3; ++i) EXPECT_GT(turns[i], 900 / 6) << turns[0] << " " << turns[1] << " " << turns[2];
}

}  // namespace
}  // namespace danwa::tests
