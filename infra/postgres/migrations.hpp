#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "domain/channel/log_identity.hpp"

namespace danwa::infra {

struct MigrationResult {
  int before = 0;  ///< version of the schema that was found; 0: none
  int after = 0;   ///< the newest version that this program knows
  domain::LogIdentity log;

  /// Settings of the server that are off although a power cut then loses acknowledged comments.
  std::vector<std::string> unsafe;
};

/// Brings the database at `url` to the newest schema, on that of its hosts which accepts writes: one transaction per
/// step, under a lock that admits one node at a time. Creates the partitions of the coming months. A database that was
/// restored from a dump gets a new epoch. Blocks, for at most `connect_timeout` per host and 30 s for the lock. Throws
/// std::runtime_error with one clear sentence if the server is unreachable or too old, or if the database has a newer
/// schema, belongs to another program, is behind a pooler that shares sessions, or does not use UTF-8.
MigrationResult migrate_postgres(const std::string& url,
                                 std::chrono::milliseconds connect_timeout = std::chrono::milliseconds{2000});

}  // namespace danwa::infra
