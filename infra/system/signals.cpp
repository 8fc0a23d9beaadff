#include "infra/system/signals.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <thread>
#include <utility>

namespace danwa::infra {
namespace {

constexpr std::initializer_list<int> kEnding{SIGTERM, SIGINT, SIGQUIT};
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
    const int got = wait_for(set_of(kEnding), end);
    if (got == 0) on_late();
    ::_exit(got == 0 ? 1 : 130);
  }}.detach();
}

}  // namespace danwa::infra
