#pragma once

#include <memory>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/sqlite/sqlite_options.hpp"
#include "infra/storage/database.hpp"
#include "usecase/ports/clock.hpp"

namespace danwa::infra {

/// The database of a node: one SQLite file, which all nodes of a host may share. Thread safe.
///
/// The constructor opens the file, brings its schema up to date under the file's kernel lock and starts
/// the threads (writer, readers, checkpointer). It throws std::runtime_error with one clear sentence when
/// the file cannot be used: no database, corrupt, of a newer schema, not writable, locked for too long, of more than
/// one name.
class SqliteDatabase final : public storage::Database {
 public:
  SqliteDatabase(SqliteOptions options, adapters::Logger& log, adapters::Metrics& metrics, usecase::Clock& clock);
  ~SqliteDatabase() override;

  domain::LogIdentity identity() const override;
  void start_tail(usecase::TailListener& listener) override;
  void stop() override;
  bool healthy() const override;
  std::size_t readers() const override;
  std::size_t replicas_serving() const override;  ///< 0 or 1

 private:
  struct Parts;
  Ports ports() override;

  std::unique_ptr<Parts> parts_;
};

}  // namespace danwa::infra
