#include "infra/system/process.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <string_view>
#include <thread>
#include <utility>

// The process and the kernel: signals, standard streams, descriptors, figures. Signals of a node are blocked in every
// thread and taken by one that waits (sigwait), so no code runs inside a handler and any function may be called.
// EndRequest does it the other way for commands that only work: a handler sets a flag, and the work looks at it.
// Figures come from /proc and getrusage, without a library.

namespace danwa::system {
namespace {

std::atomic<bool> end_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // a signal handler may use lock-free atomics only

void note_request(int /*signal*/) { end_requested.store(true, std::memory_order_relaxed); }

}  // namespace

EndRequest::EndRequest() {
  struct sigaction noted {};
  noted.sa_handler = &note_request;
  ::sigemptyset(&noted.sa_mask);
  noted.sa_flags = SA_RESTART;
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) ::sigaction(number, &noted, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

bool EndRequest::came() const { return end_requested.load(std::memory_order_relaxed); }

namespace {

constexpr std::initializer_list<int> kCloseReason{SIGTERM, SIGINT, SIGQUIT};
constexpr std::initializer_list<int> kSteering{SIGTERM, SIGINT, SIGQUIT, SIGHUP};

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : signals) ::sigaddset(&set, number);
  return set;
}

/// The signal that came, or 0 if `end` came first.
int wait_for(const sigset_t& set, std::chrono::steady_clock::time_point end) {
  while (true) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left <= left.zero()) return 0;
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    const timespec time{.tv_sec = nanoseconds / 1'000'000'000, .tv_nsec = nanoseconds % 1'000'000'000};
    const int got = ::sigtimedwait(&set, nullptr, &time);
    if (got > 0) return got;
    if (errno == EAGAIN) return 0;
  }
}

}  // namespace

Signals::Signals() {
  ::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = set_of(kSteering);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void Signals::wait_for_end(const std::function<void()>& on_reload) const {
  const sigset_t set = set_of(kSteering);
  while (true) {
    int got = 0;
    if (::sigwait(&set, &got) != 0) continue;
    if (got != SIGHUP) return;
    on_reload();
  }
}

void Signals::end_anyway_after(std::chrono::milliseconds limit, std::function<void()> on_late) const {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::thread{[end, on_late = std::move(on_late)] {
    const int got = wait_for(set_of(kCloseReason), end);
    if (got == 0) on_late();
    ::_exit(got == 0 ? 1 : 130);
  }}.detach();
}

void prepare_standard_streams() {
  ::signal(SIGPIPE, SIG_IGN);
  // open() returns the lowest free number. No O_CLOEXEC: child processes inherit standard streams.
  for (int number = ::open("/dev/null", O_RDWR); number >= 0; number = ::open("/dev/null", O_RDWR)) {
    if (number <= STDERR_FILENO) continue;
    ::close(number);
    return;
  }
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

namespace {

const auto kStart = std::chrono::system_clock::now();

double resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  double total = 0;
  double resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double thread_count() {
  std::ifstream status{"/proc/self/status"};
  for (std::string word; status >> word;) {
    if (word == "Threads:") {
      double count = 0;
      status >> count;
      return count;
    }
  }
  return 0;
}

double descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

double start_time() { return std::chrono::duration<double>(kStart.time_since_epoch()).count(); }

void append(std::string& out, std::string_view name, std::string_view type, std::string_view help, double value) {
  char number[32];
  std::snprintf(number, sizeof number, "%.15g", value);
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  out.append(name).append(" ").append(number).append("\n");
}

}  // namespace

std::string process_figures() {
  std::string out;
  append(out, "process_cpu_seconds_total", "counter", "User and system CPU time.", cpu_seconds());
  append(out, "process_resident_memory_bytes", "gauge", "Resident memory.", resident_bytes());
  append(out, "process_open_fds", "gauge", "Open descriptors.", static_cast<double>(open_descriptors()));
  append(out, "process_max_fds", "gauge", "Limit of open descriptors.", descriptor_limit());
  append(out, "process_threads", "gauge", "Threads.", thread_count());
  append(out, "process_start_time_seconds", "gauge", "Start, seconds since 1970.", start_time());
  return out;
}

std::uint64_t open_descriptors() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  std::uint64_t entries = 0;
  while (::readdir(folder) != nullptr) ++entries;
  ::closedir(folder);
  constexpr std::uint64_t kNone = 3;  // ".", ".." and the folder itself
  return entries > kNone ? entries - kNone : 0;
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  rlimit raised = limit;
  raised.rlim_cur = limit.rlim_max;
  return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

}  // namespace danwa::system
