#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "domain/channel/position.hpp"

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
  bool tells = false;                      ///< the answer must include its own position

  Freshness() = default;
  Freshness(ReadFrom place) : from{place} {}  // NOLINT(google-explicit-constructor)

  /// For a reader that has received `seen`, if any, and wants the position of this answer.
  static Freshness after(std::optional<domain::Position> seen, ReadFrom place = ReadFrom::replica) {
    Freshness wanted{place};
    wanted.seen = std::move(seen);
    wanted.tells = true;
    return wanted;
  }
};

}  // namespace danwa::usecase
