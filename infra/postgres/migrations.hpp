#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "domain/channel/log_identity.hpp"

namespace danwa::infra {

struct MigrationResult {
  int before = 0;  ///< number of the schema that was found; 0: none
  int after = 0;   ///< the newest that this program knows
  domain::LogIdentity log;

  /// Settings of the server that are off and without which a power cut takes what was acknowledged.
  std::vector<std::string> unsafe;
};

/// Brings the database at `url`, on the host of it that takes writes, to the newest schema, one transaction a step,
/// under a lock that lets one node do it at a time; makes the months of the log that come next. A database that
/// was restored from a dump gets a new epoch. Blocks, at most `connect_timeout` per host and 30 s for the lock.
/// Throws std::runtime_error with one clear sentence: not reachable, of a newer schema, of another program, behind a
/// pooler that shares sessions, too old, of another encoding than UTF8.
MigrationResult migrate_postgres(const std::string& url,
                                 std::chrono::milliseconds connect_timeout = std::chrono::milliseconds{2000});

}  // namespace danwa::infra
