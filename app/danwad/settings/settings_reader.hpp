#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/danwad/settings/known_keys.hpp"
#include "app/danwad/settings/value_text.hpp"

namespace danwa::app {

/// The sources of settings, in rising precedence after the defaults.
struct SettingsSources {
  std::optional<std::string> file = {};                               ///< TOML
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< all of the process's
  std::vector<std::string> overrides = {};                            ///< `key=value`
};

/// Values by key: the defaults, overwritten source by source.
using Values = std::map<std::string, Value, std::less<>>;

/// Reads all sources. Throws SettingsError with every fault: unknown key (with the nearest known one), wrong type, out
/// of range, unreadable file. An empty variable of the environment counts as unset. Variables that a container runtime
/// sets for a service are ignored. `DANWA_..._FILE` and `<key>_file` of a secret name a file that holds it.
Values read_values(const SettingsSources& sources);

/// Reads all sources, checks the values together, and lists the private files. Throws SettingsError with every fault.
Settings load_settings(const SettingsSources& sources);

/// As load_settings, and checks that the files of the settings can be read.
void check_settings(const SettingsSources& sources);

/// The settings that the commands on the database need; not checked.
DatabaseSettings to_database_settings(const Values& values);

/// Prints every key with its meaning and value, as a TOML file. Secrets and passwords inside URLs are masked.
std::string print(const Values& values);

/// The environment of this process.
std::vector<std::pair<std::string, std::string>> process_environment();

}  // namespace danwa::app
