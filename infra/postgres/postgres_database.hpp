#pragma once

#include <memory>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/postgres/postgres_options.hpp"
#include "infra/storage/database.hpp"

namespace danwa::postgres {

/// Opens the database of a node: a PostgreSQL primary, which all nodes share, and its streaming standbys. Connects to
/// the primary, brings its schema up to date under a lock, and starts the one thread on which all connections live.
/// Throws std::runtime_error with one clear sentence if the primary cannot be used: it is unreachable, of a newer
/// schema, or of another program. A standby that cannot be used is left out until it can. The database is healthy only
/// if the primary has answered lately.
std::unique_ptr<storage::Database> open_database(PostgresOptions options, adapters::Logger& log,
                                                 adapters::Metrics& metrics);

}  // namespace danwa::postgres
