#pragma once

#include <memory>

#include "app/layers/database.hpp"
#include "app/layers/system_layer.hpp"
#include "app/settings/settings.hpp"

namespace danwa::app {

/// The database with comments and log: SQLite or PostgreSQL, according to the settings.
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

}  // namespace danwa::app
