#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/settings/known_keys.hpp"
#include "app/settings/settings_error.hpp"

namespace danwa::app {

/// One `key = value` of a settings file, its key written out in full.
struct FileEntry {
  std::string key;
  Value value;
  std::string place;  ///< "danwa.toml line 3"
};

/// Reads a TOML file. A value of a type that no setting has is a fault, and left out. Throws SettingsError when the
/// file cannot be read or is no TOML.
std::vector<FileEntry> read_toml(const std::string& path, Faults& faults);

}  // namespace danwa::app
