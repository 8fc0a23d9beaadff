#pragma once

#include <memory>

#include "app/layers/system_layer.hpp"
#include "app/settings/settings.hpp"
#include "infra/storage/database.hpp"

namespace danwa::app {

/// The database in PostgreSQL. Throws SettingsError in a build without it, std::runtime_error with one clear sentence
/// when it cannot be used. `system` must outlive it.
std::unique_ptr<storage::Database> open_postgres(const DatabaseSettings& settings, SystemLayer& system);

}  // namespace danwa::app
