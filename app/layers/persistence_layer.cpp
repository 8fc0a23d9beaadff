#include "app/layers/persistence_layer.hpp"

#include "app/settings/settings_rules.hpp"

namespace danwa::app {
namespace {

infra::SqliteOptions to_options(const DatabaseSettings& settings) {
  infra::SqliteOptions options;
  options.master_path = sqlite_path(settings.master, "database.master");
  if (!settings.replica.empty()) options.replica_path = sqlite_path(settings.replica, "database.replica");
  options.full_sync = settings.synchronous == "full";
  return options;
}

}  // namespace

PersistenceLayer::PersistenceLayer(Needs needs)
    : database{to_options(needs.settings), needs.system.log, needs.system.metrics, needs.system.clock} {}

}  // namespace danwa::app
