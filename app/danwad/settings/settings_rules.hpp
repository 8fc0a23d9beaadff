#pragma once

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

}  // namespace danwa::app
