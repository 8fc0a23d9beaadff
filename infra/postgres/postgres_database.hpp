#pragma once

#include <memory>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/postgres/postgres_options.hpp"
#include "infra/storage/database.hpp"
#include "usecase/ports/system.hpp"

namespace danwa::postgres {

/// The database of a node: a PostgreSQL primary, which all nodes share, and its streaming standbys. Thread safe.
///
/// The constructor connects to the primary, brings its schema up to date under a lock, and starts the one thread on
/// which all connections live. It throws std::runtime_error with one clear sentence if the primary cannot be used: it
/// is unreachable, of a newer schema, or of another program. A standby that cannot be used is left out until it can.
class PostgresDatabase final : public storage::Database {
 public:
  PostgresDatabase(PostgresOptions options, adapters::Logger& log, adapters::Metrics& metrics, usecase::Clock& clock);
  ~PostgresDatabase() override;

  domain::LogIdentity identity() const override;
  void start_tail(usecase::TailListener& listener) override;
  void stop() override;
  bool healthy() const override;  ///< false also when the primary has not answered lately
  std::size_t readers() const override;
  std::size_t replicas_serving() const override;

 private:
  struct Parts;
  Ports ports() override;

  std::unique_ptr<Parts> parts_;
};

}  // namespace danwa::postgres
