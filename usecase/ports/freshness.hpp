#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "domain/channel/cursor.hpp"
#include "domain/core/result.hpp"
#include "usecase/ports/async.hpp"

namespace danwa::usecase {

/// Which database of the pair to read: a replica may be behind, the master is not.
enum class ReadFrom { replica, master };

/// The freshness that a read requires.
///
/// A read from a replica that names a position is served by a replica that has reached it, after a wait of at most
/// `kReplicaWait`, and otherwise by the master. A position above every position that this node has seen is not waited
/// for. The master serves every position: one above its own, or of another epoch, belongs to a database that no longer
/// exists, and the answer carries the present position.
struct Freshness {
  static constexpr std::chrono::milliseconds kReplicaWait{50};

  ReadFrom from = ReadFrom::replica;
  std::optional<domain::Position> seen{};  ///< position that the reader has received before
  bool include_position = false;           ///< the answer must include its own position

  Freshness() = default;
  Freshness(ReadFrom place) : from{place} {}  // NOLINT(google-explicit-constructor)

  /// For a reader that has received `seen`, if any, and wants the position of this answer.
  static Freshness after(std::optional<domain::Position> seen, ReadFrom place = ReadFrom::replica) {
    Freshness wanted{place};
    wanted.seen = std::move(seen);
    wanted.include_position = true;
    return wanted;
  }
};

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
