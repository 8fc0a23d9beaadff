#include "infra/sqlite/failpoint.hpp"

#ifdef DANWA_FAILPOINTS

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>

namespace danwa::sqlite {
namespace {

/// The failpoint that the environment selects, read once.
struct Wanted {
  std::string name;
  long at = 1;
  std::atomic<long> hits{0};

  Wanted() {
    if (const char* named = std::getenv("DANWA_FAILPOINT")) name = named;
    if (const char* nth = std::getenv("DANWA_FAILPOINT_AT")) at = std::strtol(nth, nullptr, 10);
  }
};

bool is_due(const char* name) {
  static Wanted wanted;
  return !wanted.name.empty() && wanted.name == name && ++wanted.hits == wanted.at;
}

}  // namespace

bool has_failpoints() { return true; }

void failpoint(const char* name) {
  if (is_due(name)) std::raise(SIGKILL);
}

void failpoint_within(const char* name) {
  if (!is_due(name)) return;
  std::thread{[] {
    std::this_thread::sleep_for(std::chrono::microseconds{300});
    std::raise(SIGKILL);
  }}.detach();
}

}  // namespace danwa::sqlite

#else

namespace danwa::sqlite {

bool has_failpoints() { return false; }

}  // namespace danwa::sqlite

#endif
