#pragma once

#include <memory>

#include "app/danwad/layers/system_layer.hpp"
#include "app/danwad/settings/settings.hpp"
#include "infra/storage/database.hpp"

namespace danwa::app {

using storage::Database;

/// The database: comments and the log, in SQLite or PostgreSQL as the settings say.
struct PersistenceLayer {
  struct Needs {
    const DatabaseSettings& settings;
    SystemLayer& system;
  };
  /// Throws std::runtime_error with one sentence if the database cannot be used.
  explicit PersistenceLayer(Needs needs);

 private:
  std::unique_ptr<Database> opened_;

 public:
  Database& database;
};

/// The database in PostgreSQL. Throws SettingsError in a build without it, std::runtime_error with one clear sentence
/// if it cannot be used. `system` must outlive it.
std::unique_ptr<storage::Database> open_postgres(const DatabaseSettings& settings, SystemLayer& system);

}  // namespace danwa::app
