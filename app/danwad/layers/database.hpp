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
  /// Throws std::runtime_error with one sentence if the database cannot be used, SettingsError if this build has no
  /// PostgreSQL.
  explicit PersistenceLayer(Needs needs);

 private:
  std::unique_ptr<Database> opened_;

 public:
  Database& database;
};

}  // namespace danwa::app
