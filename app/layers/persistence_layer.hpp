#pragma once

#include "app/layers/system_layer.hpp"
#include "app/settings/settings.hpp"
#include "infra/sqlite/sqlite_database.hpp"

namespace danwa::app {

/// The database: comments and the log.
struct PersistenceLayer {
  struct Needs {
    const DatabaseSettings& settings;
    SystemLayer& system;
  };
  explicit PersistenceLayer(Needs needs);

  infra::SqliteDatabase database;
};

}  // namespace danwa::app
