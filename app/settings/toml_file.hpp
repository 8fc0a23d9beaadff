#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/settings/known_keys.hpp"

namespace danwa::app {

/// One `key = value` of a settings file, its key written out in full.
struct FileEntry {
  std::string key;
  Value value;
  std::string place;  ///< "danwa.toml line 3"
};

/// Reads a TOML file. Throws SettingsError when it cannot be read, is no TOML, or holds a value of a type
/// that no setting has.
std::vector<FileEntry> read_toml(const std::string& path);

}  // namespace danwa::app
