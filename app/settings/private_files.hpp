#pragma once

#include <string>
#include <vector>

#include "adapters/log/logger.hpp"
#include "app/settings/settings.hpp"
#include "app/settings/settings_reader.hpp"

namespace danwa::app {

/// The files that hold what nobody else may know: keys, secrets, passwords, and the settings file when a secret stands
/// in it. Throws SettingsError when the settings file cannot be read.
std::vector<std::string> private_files(const SettingsSources& sources, const Settings& settings);

/// A line of warning for each that group or world may read; nothing is changed.
void warn_about_readable(const std::vector<std::string>& files, adapters::Logger& log);

}  // namespace danwa::app
