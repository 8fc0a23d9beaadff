#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "domain/channel/position.hpp"

namespace danwa::usecase {

/// Which of the pair to read: a replica may be behind, the master is not.
enum class ReadFrom { replica, master };

/// How fresh a read must be.
///
/// A read that may be served by a replica and names a position is served by one that has come so far, waits at
/// most `kReplicaWait` for it, else goes to the master; one above all that the node has told or seen is not waited for.
/// The master serves every position: one above its own, or of another epoch, is of a database that is no more, and the
/// answer tells the present one.
struct Freshness {
  static constexpr std::chrono::milliseconds kReplicaWait{50};

  ReadFrom from = ReadFrom::replica;
  std::optional<domain::Position> seen{};  ///< what the reader was told before
  bool tells = false;                      ///< the answer is to hold its own position

  Freshness() = default;
  Freshness(ReadFrom place) : from{place} {}  // NOLINT(google-explicit-constructor)

  /// For a reader who has seen `seen`, if anything, and wants to know how far this answer goes.
  static Freshness after(std::optional<domain::Position> seen, ReadFrom place = ReadFrom::replica) {
    Freshness wanted{place};
    wanted.seen = std::move(seen);
    wanted.tells = true;
    return wanted;
  }
};

}  // namespace danwa::usecase
