#pragma once

#include <chrono>
#include <thread>

namespace danwa::tests {

/// Looks at `condition` until it holds, every millisecond. False: it did not within `limit`.
template <class Condition>
bool wait_for(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds{10}) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

}  // namespace danwa::tests
