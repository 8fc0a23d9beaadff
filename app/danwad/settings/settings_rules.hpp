#pragma once

#include <string_view>

#include "app/danwad/settings/settings.hpp"
#include "app/danwad/settings/value_text.hpp"

namespace danwa::app {

/// Fills in an empty node.name from the host's name.
void complete(Settings& settings);

/// Checks the values beyond their types, alone and together. Resolves names of addresses.
void check_rules(const Settings& settings, Faults& faults);

/// Checks that the files of the settings can be read.
void check_files(const Settings& settings, Faults& faults);

/// The rules for the database alone. Throws SettingsError.
void check_database(const DatabaseSettings& database);

/// True if every address of `host:port` is on loopback; false if the name is unknown.
bool is_loopback(std::string_view address);

}  // namespace danwa::app
