#pragma once

#include <string_view>

#include "app/settings/settings.hpp"

namespace danwa::app {

/// Fills in what follows from the machine: an empty node.name.
void complete(Settings& settings);

/// What no single key can tell. Throws SettingsError with one line that says why.
void check_rules(const Settings& settings);

/// The same for the database alone, by itself.
void check_database(const DatabaseSettings& database);

/// True for `127.0.0.0/8`, `[::1]` and `localhost`, with or without a port.
bool is_loopback(std::string_view address);

}  // namespace danwa::app
