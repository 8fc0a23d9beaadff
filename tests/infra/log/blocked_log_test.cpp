#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

#include "infra/log/json_logger.hpp"
#include "infra/log/steady_output.hpp"

namespace danwa::log {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kLines = 30'000;  // more than a pipe and the queue hold

/// A pipe that nobody reads but the test.
struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    close_reader();
    ::close(ends[1]);
  }
  void close_reader() {
    if (ends[0] >= 0) ::close(ends[0]);
    ends[0] = -1;
  }

  /// All that comes until nothing has come for half a second.
  std::string read_all() const {
    std::string all;
    std::array<char, 65536> chunk;
    pollfd waiting{ends[0], POLLIN, 0};
    while (::poll(&waiting, 1, 500) > 0) {
      const auto got = ::read(ends[0], chunk.data(), chunk.size());
      if (got <= 0) break;
      all.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

  std::array<int, 2> ends{-1, -1};
};

JsonLogger::Options to(int descriptor) { return {"n", adapters::LogLevel::info, LogFormat::json, descriptor}; }

void log_many(JsonLogger& log) {
  for (int i = 0; i < kLines; ++i) log.info("many", {{"i", i}});
}

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// The sum of what the lines `log.dropped` tell.
int reported(const std::string& text) {
  int sum = 0;
  const std::string field = "\"lines\":";
  for (auto at = text.find(field); at != std::string::npos; at = text.find(field, at + 1)) {
    sum += std::stoi(text.substr(at + field.size()));
  }
  return sum;
}

TEST(BlockedLog, HoldsNoCallerAndEndsInTime) {
  const Pipe pipe;
  const auto begin = Clock::now();
  {
    JsonLogger log{to(pipe.ends[1])};
    log_many(log);
    EXPECT_LT(Clock::now() - begin, 5s);
    EXPECT_GT(log.dropped(), 1'000U);
  }
  EXPECT_LT(Clock::now() - begin, 8s) << "5 s for the lines, and a second for the end";
}

TEST(BlockedLog, TellsHowManyLinesAreMissingOnceItIsRead) {
  const Pipe pipe;
  JsonLogger log{to(pipe.ends[1])};
  log_many(log);
  const auto text = pipe.read_all();
  EXPECT_EQ(count(text, "\"event\":\"many\"") + reported(text), kLines);
  EXPECT_EQ(static_cast<std::uint64_t>(reported(text)), log.dropped());
  EXPECT_GE(count(text, "\"event\":\"log.dropped\""), 1);
  log.info("after");
  EXPECT_EQ(count(pipe.read_all(), "\"event\":\"after\""), 1);
}

TEST(BlockedLog, OutlivesAReaderThatGoes) {
  Pipe pipe;
  JsonLogger log{to(pipe.ends[1])};
  pipe.close_reader();
  log_many(log);
  const auto deadline = Clock::now() + 5s;
  while (log.dropped() < kLines && Clock::now() < deadline) ::usleep(1000);
  EXPECT_EQ(log.dropped(), static_cast<std::uint64_t>(kLines));
}

TEST(BlockedLog, CountsWhatAFullDiskDoesNotTake) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  {
    JsonLogger log{to(full)};
    log.info("one");
    log.info("two");
    const auto deadline = Clock::now() + 5s;
    while (log.dropped() < 2 && Clock::now() < deadline) ::usleep(1000);
    EXPECT_EQ(log.dropped(), 2U);
  }
  ::close(full);
}

/// What a pseudo terminal whose reader has stopped it (Ctrl-S) does.
TEST(BlockedLog, OutlivesATerminalThatIsNotRead) {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(master, 0);
  ASSERT_EQ(::grantpt(master), 0);
  ASSERT_EQ(::unlockpt(master), 0);
  const int terminal = ::open(::ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(terminal, 0);
  const auto begin = Clock::now();
  {
    JsonLogger log{to(terminal)};
    log_many(log);
    EXPECT_GT(log.dropped(), 1'000U);
  }
  EXPECT_LT(Clock::now() - begin, 8s);
  ::close(terminal);
  ::close(master);
}

TEST(SteadyOutput, EndsALineThatWasTorn) {
  const Pipe pipe;
  SteadyOutput output{pipe.ends[1]};
  output.end_by(Clock::now());
  const std::string large(100'000, 'x');
  EXPECT_FALSE(output.write_line(large)) << "a pipe holds 64 KiB";
  EXPECT_EQ(pipe.read_all().find('\n'), std::string::npos);
  EXPECT_TRUE(output.write_line("next"));
  EXPECT_EQ(pipe.read_all(), "\nnext\n");
}

}  // namespace
}  // namespace danwa::log
