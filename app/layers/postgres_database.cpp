#include "app/layers/postgres_database.hpp"

#include "app/settings/database_url.hpp"
#include "app/settings/settings_reader.hpp"
#ifdef DANWA_POSTGRES
#include "infra/postgres/postgres_database.hpp"
#endif

namespace danwa::app {

#ifdef DANWA_POSTGRES
std::unique_ptr<storage::Database> open_postgres(const DatabaseSettings& settings, SystemLayer& system) {
  infra::PostgresOptions options;
  options.master = with_password(settings.master, settings.password);
  for (const auto& replica : settings.replicas) options.replicas.push_back(with_password(replica, settings.password));
  options.connections = static_cast<std::size_t>(settings.connections);
  options.max_lag = settings.max_lag;
  options.retention = settings.retention;
  return std::make_unique<infra::PostgresDatabase>(std::move(options), system.log, system.metrics, system.clock);
}
#else
std::unique_ptr<storage::Database> open_postgres(const DatabaseSettings&, SystemLayer&) {
  throw SettingsError{"database.master = \"postgres://...\" is not part of this build"};
}
#endif

}  // namespace danwa::app
