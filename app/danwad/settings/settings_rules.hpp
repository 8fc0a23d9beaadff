#pragma once

#include <string_view>

#include "app/danwad/settings/settings.hpp"
#include "app/danwad/settings/value_text.hpp"

namespace danwa::app {

/// Fills in what follows from the machine: an empty node.name.
void complete(Settings& settings);

/// What the values must be beyond their types, alone and together. Looks names of addresses up.
void check_rules(const Settings& settings, Faults& faults);

/// Whether the files that settings name can be read.
void check_files(const Settings& settings, Faults& faults);

/// The rules for the database alone. Throws SettingsError.
void check_database(const DatabaseSettings& database);

/// Whether every address of `host:port` is on loopback; false when the name is not known.
bool is_loopback(std::string_view address);

}  // namespace danwa::app
