#pragma once

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings/known_keys.hpp"

namespace danwa::app {

/// What is wrong with the settings, in one line that names the place and the key.
class SettingsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Where settings come from, in rising precedence after the defaults.
struct SettingsSources {
  std::optional<std::string> file = {};                               ///< TOML
  std::vector<std::pair<std::string, std::string>> environment = {};  ///< all of the process's
  std::vector<std::string> overrides = {};                            ///< `key=value`
};

/// Values by key: the defaults, overwritten source by source.
using Values = std::map<std::string, Value, std::less<>>;

/// Throws SettingsError: unknown key (with the nearest known one), wrong type, out of range, unreadable
/// file. An empty variable of the environment counts as unset; `DANWA_..._FILE` and `<key>_file` of a
/// secret name a file that holds it.
Values read_values(const SettingsSources& sources);

/// The values in their places, checked together. Throws SettingsError.
Settings to_settings(const Values& values);

/// The part of them that the commands on the database need; not checked.
DatabaseSettings to_database_settings(const Values& values);

/// Every key with its meaning and value, as a TOML file; secrets are masked, and so are passwords inside URLs.
std::string print(const Values& values);

/// The environment of this process.
std::vector<std::pair<std::string, std::string>> process_environment();

}  // namespace danwa::app
