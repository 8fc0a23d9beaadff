#include "app/settings/private_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <iomanip>
#include <sstream>
#include <variant>

#include "app/settings/known_keys.hpp"
#include "app/settings/toml_file.hpp"

namespace danwa::app {
namespace {

constexpr std::string_view kFile = "_file";

bool is_secret(std::string_view key) {
  const auto* known = find_key(key);
  return known != nullptr && known->secret;
}

/// Whether `key` names a file that holds a secret, as `cluster.secret_file` does.
bool names_secret(std::string_view key) {
  return key.ends_with(kFile) && is_secret(key.substr(0, key.size() - kFile.size()));
}

void add_of_settings_file(std::vector<std::string>& files, const std::string& path) {
  bool holds_secret = false;
  Faults told_before;  // the settings were read already
  for (const auto& entry : read_toml(path, told_before)) {
    holds_secret = holds_secret || is_secret(entry.key);
    const auto* named = std::get_if<std::string>(&entry.value);
    if (named != nullptr && names_secret(entry.key)) files.push_back(*named);
  }
  if (holds_secret) files.push_back(path);
}

void add_of_environment(std::vector<std::string>& files, const SettingsSources& sources) {
  for (const auto& key : known_keys()) {
    if (!key.secret) continue;
    const auto variable = environment_name(key.name) + "_FILE";
    for (const auto& [name, path] : sources.environment) {
      if (name == variable) files.push_back(path);
    }
  }
}

void add_of_overrides(std::vector<std::string>& files, const SettingsSources& sources) {
  for (const auto& assignment : sources.overrides) {
    const auto equals = assignment.find('=');
    if (equals != std::string::npos && names_secret(assignment.substr(0, equals))) {
      files.push_back(assignment.substr(equals + 1));
    }
  }
}

}  // namespace

std::vector<std::string> private_files(const SettingsSources& sources, const Settings& settings) {
  std::vector<std::string> files;
  if (sources.file) add_of_settings_file(files, *sources.file);
  add_of_environment(files, sources);
  add_of_overrides(files, sources);
  if (settings.auth.jwt.algorithm == "HS256") files.push_back(settings.auth.jwt.key_file);  // else it is a public key
  files.push_back(settings.cluster.tls.key_file);
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  std::erase(files, std::string{});
  return files;
}

void warn_about_readable(const std::vector<std::string>& files, adapters::Logger& log) {
  for (const auto& path : files) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0 || (found.st_mode & 0077) == 0) continue;
    std::ostringstream mode;
    mode << std::oct << std::setw(4) << std::setfill('0') << (found.st_mode & 0777);
    log.warn("file.readable-by-others", {{"path", path}, {"mode", mode.str()}, {"cure", "chmod 0600"}});
  }
}

}  // namespace danwa::app
