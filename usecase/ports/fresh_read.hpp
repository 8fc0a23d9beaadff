#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "domain/core/result.hpp"
#include "usecase/ports/async.hpp"
#include "usecase/ports/freshness.hpp"

namespace danwa::usecase {

/// Answer of a replica to a read that must show a position.
template <class T>
struct ReplicaAnswer {
  std::optional<T> read{};  ///< absent: the replica has not reached the position
  bool may_come = true;     ///< false: asking again is pointless, because it has another log or will never reach it
};

/// Asks `replica` until it has reached the position, for at most `Freshness::kReplicaWait`, then `master`. Both are
/// called without arguments and return `Async<Result<ReplicaAnswer<T>>>` and `Async<Result<T>>`. Errors: theirs.
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
