#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "infra/system/process.hpp"

namespace danwa::system {
namespace {

/// The value of a figure in Prometheus text format; -1 when it is not there.
double value_of(const std::string& text, const std::string& name) {
  const auto at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

TEST(ProcessFigures, TellMemoryHandlesAndThreads) {
  const std::string text = process_figures();
  EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 100'000);
  EXPECT_GE(value_of(text, "process_open_fds"), 3);
  EXPECT_GE(value_of(text, "process_threads"), 1);
  EXPECT_GE(value_of(text, "process_cpu_seconds_total"), 0);
  EXPECT_GT(value_of(text, "process_start_time_seconds"), 1.6e9);
}

TEST(ProcessFigures, TheRaisedLimitIsTheOneShown) {
  const auto limit = raise_descriptor_limit();
  EXPECT_EQ(value_of(process_figures(), "process_max_fds"), static_cast<double>(limit));
}

/// The number of the first file that a process opens which was started without standard streams.
int first_file_without_streams(bool prepare) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (int number = 0; number <= 2; ++number) ::close(number);
    if (prepare) prepare_standard_streams();
    ::_exit(::open("/dev/null", O_RDONLY));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(StandardStreams, AreNeverAFileOfTheProgram) {
  EXPECT_EQ(first_file_without_streams(false), 0) << "the fault";
  EXPECT_GT(first_file_without_streams(true), 2);
}

}  // namespace
}  // namespace danwa::system
