#pragma once

#include <memory>

#include "app/layers/database.hpp"
#include "app/layers/system_layer.hpp"
#include "app/settings/settings.hpp"

namespace danwa::app {

/// The database in PostgreSQL. Throws SettingsError in a build without it, std::runtime_error with one clear sentence
/// when it cannot be used. `system` must outlive it.
std::unique_ptr<Database> open_postgres(const DatabaseSettings& settings, SystemLayer& system);

}  // namespace danwa::app
