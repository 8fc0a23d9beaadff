#include "infra/log/steady_output.hpp"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace danwa::log {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kLookAgainMs = 50;  // between two checks whether the end has come
constexpr int kAgainMs = 5;       // pause after a terminal or socket that poll(2) called writable and that was not

/// A terminal that poll(2) calls writable may take one byte and then block. So the terminal is opened a second time,
/// with O_NONBLOCK for this process alone. -1 if it belongs to another user (for example after `su`): then a write may
/// block.
int open_again(int terminal) {
  const auto path = "/proc/self/fd/" + std::to_string(terminal);
  return ::open(path.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

}  // namespace

SteadyOutput::Kind SteadyOutput::kind_of(int descriptor) {
  struct stat found {};
  if (::fstat(descriptor, &found) != 0) return Kind::pipe;
  if (S_ISREG(found.st_mode)) return Kind::file;
  if (S_ISSOCK(found.st_mode)) return Kind::socket;
  return ::isatty(descriptor) != 0 ? Kind::terminal : Kind::pipe;
}

SteadyOutput::SteadyOutput(int descriptor)
    : kind_{kind_of(descriptor)},
      own_{kind_ == Kind::terminal ? open_again(descriptor) : -1},
      descriptor_{own_ >= 0 ? own_ : descriptor},
      end_{SteadyClock::duration::max().count()} {}

SteadyOutput::~SteadyOutput() {
  if (own_ >= 0) ::close(own_);
}

bool SteadyOutput::write_line(std::string_view line) {
  std::string bytes;
  bytes.reserve(line.size() + 2);
  if (torn_) bytes += '\n';  // ends the line that was written partly
  bytes.append(line) += '\n';
  return write_all(bytes);
}

bool SteadyOutput::write_all(std::string_view bytes) {
  const auto whole = bytes.size();
  while (!bytes.empty()) {
    const auto written = wait_writable() ? write_some(bytes) : -1;
    if (written > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (is_over() || (errno != EAGAIN && errno != EINTR)) {
      torn_ = torn_ || bytes.size() < whole;
      return false;
    } else {
      ::poll(nullptr, 0, kAgainMs);
    }
  }
  torn_ = false;
  return true;
}

/// Does not block after poll(2) has said writable: a pipe takes PIPE_BUF bytes at once (pipe(7)), a file any number.
std::ptrdiff_t SteadyOutput::write_some(std::string_view bytes) const {
  if (kind_ == Kind::socket) return ::send(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  const auto size = kind_ == Kind::file ? bytes.size() : std::min<std::size_t>(bytes.size(), PIPE_BUF);
  return ::write(descriptor_, bytes.data(), size);
}

/// False if the end came first. An error of the descriptor counts as writable: write(2) then reports it.
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

}  // namespace danwa::log
