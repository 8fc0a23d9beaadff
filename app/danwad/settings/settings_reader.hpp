#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/danwad/settings/known_keys.hpp"
#include "app/danwad/settings/value_text.hpp"

namespace danwa::app {

/// Where settings come from, in rising precedence after the defaults.
struct SettingsSources {
  std::optional<std::string> file = {};                               ///< TOML
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< all of the process's
  std::vector<std::string> overrides = {};                            ///< `key=value`
};

/// Values by key: the defaults, overwritten source by source.
using Values = std::map<std::string, Value, std::less<>>;

/// Throws SettingsError with every fault: unknown key (with the nearest known one), wrong type, out of range,
/// unreadable file. An empty variable of the environment counts as unset, and one of a service link is none of ours;
/// `DANWA_..._FILE` and `<key>_file` of a secret name a file that holds it.
Values read_values(const SettingsSources& sources);

/// The values in their places, checked together. Throws SettingsError with every fault.
Settings to_settings(const Values& values);

/// Both, and the private files; throws SettingsError with the faults of both.
Settings load_settings(const SettingsSources& sources);

/// As load_settings, and looks whether the files that settings name can be read.
void check_settings(const SettingsSources& sources);

/// The part of them that the commands on the database need; not checked.
DatabaseSettings to_database_settings(const Values& values);

/// Every key with its meaning and value, as a TOML file; secrets are masked, and so are passwords inside URLs.
std::string print(const Values& values);

/// The environment of this process.
std::vector<std::pair<std::string, std::string>> process_environment();

}  // namespace danwa::app
