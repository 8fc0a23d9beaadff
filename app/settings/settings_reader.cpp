#include "app/settings/settings_reader.hpp"

#include <unistd.h>

#include <fstream>
#include <iterator>

#include "app/settings/database_url.hpp"
#include "app/settings/settings_rules.hpp"
#include "app/settings/toml_file.hpp"
#include "app/settings/value_text.hpp"

extern char** environ;

namespace danwa::app {
namespace {

constexpr std::string_view kFileSuffix = "_file";

[[noreturn]] void refuse_unknown(std::string_view place, std::string_view name, std::string_view key) {
  std::string line = std::string{place} + ": unknown setting " + std::string{name};
  if (const auto nearest = nearest_key(key); !nearest.empty()) {
    line += "; did you mean " + (name == key ? std::string{nearest} : environment_name(nearest)) + "?";
  }
  throw SettingsError{line};
}

/// The secret key that `name` names a file for, if it does.
const KnownKey* secret_of_file(std::string_view name) {
  if (!name.ends_with(kFileSuffix)) return nullptr;
  const auto* key = find_key(name.substr(0, name.size() - kFileSuffix.size()));
  return key && key->secret ? key : nullptr;
}

std::string read_secret(const std::string& path, std::string_view place) {
  std::ifstream file{path, std::ios::binary};
  std::string secret{std::istreambuf_iterator<char>{file}, {}};
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (!file.is_open() || secret.empty()) {
    throw SettingsError{std::string{place} + ": the secret's file " + path + " is empty or cannot be read"};
  }
  return secret;
}

void set_text(Values& values, std::string_view key, std::string_view text, std::string_view place,
              std::string_view shown_name) {
  if (const auto* known = find_key(key)) {
    values.insert_or_assign(std::string{key}, parse_value(*known, text, place));
  } else if (const auto* secret = secret_of_file(key)) {
    if (!text.empty()) values.insert_or_assign(std::string{secret->name}, read_secret(std::string{text}, place));
  } else {
    refuse_unknown(place, shown_name, key);
  }
}

/// The one string that stands for a list.
std::vector<std::string> list_of_one(const std::string& text) {
  return text.empty() ? std::vector<std::string>{} : std::vector<std::string>{text};
}

void apply_file(Values& values, const std::string& path) {
  for (auto& entry : read_toml(path)) {
    const auto* known = find_key(entry.key);
    const auto* text = std::get_if<std::string>(&entry.value);
    if (!known && text) {
      set_text(values, entry.key, *text, entry.place, entry.key);
      continue;
    }
    if (!known) refuse_unknown(entry.place, entry.key, entry.key);
    if (text && known->database && known->type.index() != entry.value.index()) entry.value = list_of_one(*text);
    if (entry.value.index() != known->type.index()) {
      static constexpr const char* kTypes[] = {"a string", "a whole number", "true or false", "a list of strings"};
      throw SettingsError{entry.place + ": " + entry.key + " must be " + kTypes[known->type.index()]};
    }
    check_value(*known, entry.value, entry.place);
    values.insert_or_assign(entry.key, std::move(entry.value));
  }
}

/// `DANWA_HTTP_LISTEN` -> the key of that name, if there is one; else a guess for the error.
std::string key_of_variable(const std::string& name) {
  for (const auto& key : known_keys()) {
    const std::string variable = environment_name(key.name);
    if (name == variable) return std::string{key.name};
    if (key.secret && name == variable + "_FILE") return std::string{key.name} + std::string{kFileSuffix};
  }
  std::string guess;
  for (const char c : name.substr(6)) {
    guess.push_back(c == '_' ? '.' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return guess;
}

/// Variables of the project's other programs: the client's, the tests', a test build's failpoints.
bool is_of_another_program(std::string_view name) {
  return name == "DANWA_NODES" || name == "DANWA_TOKEN" || name.starts_with("DANWA_TEST_") ||
         name.starts_with("DANWA_FAILPOINT");
}

void apply_environment(Values& values, const std::vector<std::pair<std::string, std::string>>& environment) {
  for (const auto& [name, text] : environment) {
    if (!name.starts_with("DANWA_") || is_of_another_program(name) || text.empty()) continue;
    set_text(values, key_of_variable(name), text, "environment variable " + name, name);
  }
}

void apply_override(Values& values, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos) {
    throw SettingsError{"--set " + without_password(assignment) + ": key=value is expected"};
  }
  const std::string key = assignment.substr(0, equals);
  set_text(values, key, std::string_view{assignment}.substr(equals + 1), "--set", key);
}

Settings assigned(const Values& values) {
  Settings settings;
  for (const auto& key : known_keys()) key.assign(settings, values.find(key.name)->second);
  return settings;
}

/// The URLs of databases as people may see them.
Value shown_urls(Value value) {
  if (auto* url = std::get_if<std::string>(&value)) *url = without_password(*url);
  if (auto* urls = std::get_if<std::vector<std::string>>(&value)) {
    for (auto& url : *urls) url = without_password(url);
  }
  return value;
}

}  // namespace

Values read_values(const SettingsSources& sources) {
  Values values;
  for (const auto& key : known_keys()) values.emplace(key.name, parse_value(key, key.fallback, "default"));
  if (sources.file) apply_file(values, *sources.file);
  apply_environment(values, sources.environment);
  for (const auto& assignment : sources.overrides) apply_override(values, assignment);
  return values;
}

Settings to_settings(const Values& values) {
  Settings settings = assigned(values);
  complete(settings);
  check_rules(settings);
  return settings;
}

DatabaseSettings to_database_settings(const Values& values) { return assigned(values).database; }

std::string print(const Values& values) {
  std::string out;
  for (const auto& key : known_keys()) {
    const Value& value = values.find(key.name)->second;
    const bool hidden = key.secret && value != key.type;
    out.append("# ").append(key.meaning).append("\n");
    const Value shown = key.database ? shown_urls(value) : value;
    out.append(key.name).append(" = ").append(hidden ? "\"********\"" : to_toml(shown)).append("\n\n");
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> process_environment() {
  std::vector<std::pair<std::string, std::string>> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view line{*entry};
    const auto equals = line.find('=');
    if (equals != std::string_view::npos) all.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  return all;
}

}  // namespace danwa::app
