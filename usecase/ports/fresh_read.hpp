#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "domain/core/result.hpp"
#include "usecase/async.hpp"
#include "usecase/ports/freshness.hpp"

namespace danwa::usecase {

/// What a replica says to a read that must show a position.
template <class T>
struct ReplicaAnswer {
  std::optional<T> read{};  ///< absent: it has not come so far
  bool may_come = true;     ///< asking it again is worth while; false: it is of another log, or never will
};

/// Asks `replica` until it has come so far, at most `Freshness::kReplicaWait`, then `master`. Both are called
/// without arguments; they answer `Async<Result<ReplicaAnswer<T>>>` and `Async<Result<T>>`. Errors: theirs.
template <class T, class Replica, class Master>
Async<domain::Result<T>> read_fresh(Replica replica, Master master) {
  using Steady = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kFirstPause{2};
  const auto end = Steady::now() + Freshness::kReplicaWait;
  for (auto delay = kFirstPause;; delay *= 2) {
    auto answer = co_await replica();
    if (!answer) co_return domain::fail(std::move(answer).error());
    if (answer->read) co_return std::move(*answer->read);
    if (!answer->may_come || Steady::now() >= end) break;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Steady::now());
    co_await pause(std::min(delay, left));
  }
  co_return co_await master();
}

}  // namespace danwa::usecase
