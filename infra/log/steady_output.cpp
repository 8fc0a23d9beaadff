#include "infra/log/steady_output.hpp"

#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <string>

namespace danwa::infra {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kLookAgainMs = 50;  // whether the end has come

/// pipe(7): a pipe that is writable takes PIPE_BUF bytes at once. A file takes any number, since poll(2) never makes
/// one wait.
std::size_t chunk_of(int descriptor) {
  struct stat found {};
  const bool file = ::fstat(descriptor, &found) == 0 && S_ISREG(found.st_mode);
  return file ? std::numeric_limits<std::size_t>::max() : PIPE_BUF;
}

}  // namespace

SteadyOutput::SteadyOutput(int descriptor)
    : descriptor_{descriptor}, chunk_{chunk_of(descriptor)}, end_{SteadyClock::duration::max().count()} {}

bool SteadyOutput::write_line(std::string_view line) {
  std::string bytes;
  bytes.reserve(line.size() + 2);
  if (torn_) bytes += '\n';  // ends the line that was written in part
  bytes.append(line) += '\n';
  return write_all(bytes);
}

bool SteadyOutput::write_all(std::string_view bytes) {
  const auto whole = bytes.size();
  while (!bytes.empty()) {
    const auto written = wait_writable() ? ::write(descriptor_, bytes.data(), std::min(bytes.size(), chunk_)) : -1;
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (is_over() || (errno != EAGAIN && errno != EINTR)) {
      torn_ = torn_ || bytes.size() < whole;
      return false;
    }
  }
  torn_ = false;
  return true;
}

/// False when the end came first. An error of the descriptor counts as writable: write(2) says what it is.
bool SteadyOutput::wait_writable() const {
  while (true) {
    pollfd waiting{descriptor_, POLLOUT, 0};
    const int ready = ::poll(&waiting, 1, is_over() ? 0 : kLookAgainMs);
    if (ready > 0) return true;
    if (is_over()) return false;
  }
}

bool SteadyOutput::is_over() const { return SteadyClock::now().time_since_epoch().count() >= end_; }

void say_on_stderr(std::string_view line, std::chrono::milliseconds patience) {
  SteadyOutput output{STDERR_FILENO};
  output.end_by(SteadyClock::now() + patience);
  output.write_line(line);
}

}  // namespace danwa::infra
