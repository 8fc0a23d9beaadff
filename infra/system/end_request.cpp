#include "infra/system/end_request.hpp"

#include <signal.h>

#include <atomic>

namespace danwa::infra {
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

}  // namespace danwa::infra
