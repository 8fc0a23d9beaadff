#include "app/danwad/layers/layers.hpp"

#include "app/danwad/settings/database_url.hpp"
#include "app/danwad/settings/settings_reader.hpp"
#include "infra/sqlite/sqlite_database.hpp"

#ifdef DANWA_POSTGRES
#include "infra/postgres/postgres_database.hpp"
#endif

namespace danwa::app {
namespace {

sqlite::SqliteOptions to_options(const DatabaseSettings& settings) {
  sqlite::SqliteOptions options;
  options.master_path = sqlite_path(settings.master, "database.master");
  if (!settings.replicas.empty()) options.replica_path = sqlite_path(settings.replicas.front(), "database.replica");
  options.max_lag = settings.max_lag;
  options.full_sync = settings.synchronous == "full";
  return options;
}

#ifdef DANWA_POSTGRES
std::unique_ptr<Database> open_postgres(const DatabaseSettings& settings, SystemLayer& system) {
  postgres::PostgresOptions options;
  options.master = with_password(settings.master, settings.password);
  for (const auto& replica : settings.replicas) options.replicas.push_back(with_password(replica, settings.password));
  options.connections = static_cast<std::size_t>(settings.connections);
  options.max_lag = settings.max_lag;
  options.retention = settings.retention;
  return postgres::open_database(std::move(options), system.log, system.metrics);
}
#else
std::unique_ptr<Database> open_postgres(const DatabaseSettings&, SystemLayer&) {
  throw SettingsError{"database.master = \"postgres://...\" is not part of this build"};
}
#endif

std::unique_ptr<Database> open_database(const DatabaseSettings& settings, SystemLayer& system) {
  if (is_postgres(settings.master)) return open_postgres(settings, system);
  return sqlite::open_database(to_options(settings), system.log, system.metrics);
}

}  // namespace

PersistenceLayer::PersistenceLayer(Needs needs)
    : opened_{open_database(needs.settings, needs.system)}, database{*opened_} {}

}  // namespace danwa::app
