#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/storage/database.hpp"

namespace danwa::postgres {

/// How a node uses its PostgreSQL servers. The defaults are right for a server.
struct PostgresOptions {
  std::string master{};                 ///< libpq URL; of several hosts, the one that accepts writes is used
  std::vector<std::string> replicas{};  ///< URLs of standbys; empty: the master serves their reads
  std::size_t connections = 4;          ///< per server, for reads

  std::chrono::milliseconds connect_timeout{2000};    ///< per host
  std::chrono::milliseconds statement_timeout{2000};  ///< of one round trip; a longer one closes the connection
  std::chrono::milliseconds patience{2000};           ///< an action or read that has waited longer is answered 503
  std::chrono::milliseconds tail_interval{200};       ///< between two polls of the log tail and of a replica
  std::chrono::milliseconds max_lag{1000};            ///< a replica that is further behind serves no reads

  std::chrono::seconds retention{0};  ///< minimum age of updates to drop, by whole months; 0: none is dropped

  std::size_t max_batch = 128;      ///< actions in one transaction
  std::size_t writer_queue = 4096;  ///< actions that may wait; more are answered 503
  std::size_t reader_queue = 1024;  ///< reads that may wait, per server; more are answered 503
};

/// Opens the database of a node: a PostgreSQL primary, which all nodes share, and its streaming standbys. Connects to
/// the primary, brings its schema up to date under a lock, and starts the one thread on which all connections live.
/// Throws std::runtime_error with one clear sentence if the primary cannot be used: it is unreachable, of a newer
/// schema, or of another program. A standby that cannot be used is left out until it can. The database is healthy only
/// if the primary has answered lately.
std::unique_ptr<storage::Database> open_database(PostgresOptions options, adapters::Logger& log,
                                                 adapters::Metrics& metrics);

}  // namespace danwa::postgres
