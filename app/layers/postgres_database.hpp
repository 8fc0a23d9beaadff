#pragma once

#include <memory>

#include "app/layers/database.hpp"
#include "app/layers/system_layer.hpp"
#include "app/settings/settings.hpp"

namespace danwa::app {

/// Opens the database in PostgreSQL. Throws SettingsError in a build without PostgreSQL, std::runtime_error with one
/// sentence if it cannot be used. `system` must outlive it.
std::unique_ptr<Database> open_postgres(const DatabaseSettings& settings, SystemLayer& system);

}  // namespace danwa::app
