#pragma once

#include <string>

#include "domain/channel/cursor.hpp"

namespace danwa::domain {

/// What tells one log from every other: the database that holds it and its epoch. A copy of a database keeps the
/// epoch, so the epoch alone does not tell the copy from the original.
struct LogIdentity {
  static constexpr std::size_t kMaxDatabase = 128;  ///< bytes

  std::string database;  ///< visible ASCII; the same for all nodes of one database, and for no other database
  Epoch epoch;

  friend bool operator==(const LogIdentity&, const LogIdentity&) = default;
};

}  // namespace danwa::domain
