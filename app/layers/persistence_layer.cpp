#include "app/layers/persistence_layer.hpp"

#include "app/layers/postgres_database.hpp"
#include "app/settings/database_url.hpp"
#include "infra/sqlite/sqlite_database.hpp"

namespace danwa::app {
namespace {

infra::SqliteOptions to_options(const DatabaseSettings& settings) {
  infra::SqliteOptions options;
  options.master_path = sqlite_path(settings.master, "database.master");
  if (!settings.replicas.empty()) options.replica_path = sqlite_path(settings.replicas.front(), "database.replica");
  options.max_lag = settings.max_lag;
  options.full_sync = settings.synchronous == "full";
  return options;
}

std::unique_ptr<Database> open_database(const DatabaseSettings& settings, SystemLayer& system) {
  if (is_postgres(settings.master)) return open_postgres(settings, system);
  return std::make_unique<infra::SqliteDatabase>(to_options(settings), system.log, system.metrics, system.clock);
}

}  // namespace

PersistenceLayer::PersistenceLayer(Needs needs)
    : opened_{open_database(needs.settings, needs.system)}, database{*opened_} {}

}  // namespace danwa::app
