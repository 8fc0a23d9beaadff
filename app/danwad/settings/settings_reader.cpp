#include "app/danwad/settings/settings_reader.hpp"

#include <unistd.h>
#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>

#include "app/danwad/settings/database_url.hpp"
#include "app/danwad/settings/settings_rules.hpp"

extern char** environ;

// Reads the sources one over the other: defaults, file, environment, overrides. Then the values become Settings and are
// checked together. Every fault is gathered, so an operator repairs a configuration in one pass. An unknown key is a
// fault, with a proposal, because a misspelt setting that is ignored does harm later. Only variables of other programs
// are passed over, and those that a container runtime sets for a service named danwa. A secret may come from a file;
// files that hold secrets are noted, so that their modes can be checked.

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

/// The secret whose file the key `name` names; null if `name` is not such a key.
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

/// Converts a string to a list. A URL of a database may contain the separators of a list, so there one string is one
/// URL.
void as_list(const KnownKey& key, Value& value) {
  using List = std::vector<std::string>;
  if (const auto* text = std::get_if<std::string>(&value)) value = text->empty() ? List{} : List{*text};
  const auto* list = std::get_if<List>(&value);
  if (!list || key.database) return;
  List all;
  for (const auto& element : *list) {
    for (auto& part : split_list(key, element)) all.push_back(std::move(part));
  }
  value = std::move(all);
}

/// Finds the key of a variable such as `DANWA_HTTP_LISTEN`. If there is none, returns a guess for the error.
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

/// True for variables of other programs of the project: the client, the tests, the failpoints of a test build.
bool is_of_another_program(std::string_view name) {
  for (const std::string_view of_client :
       {"DANWA_NODE", "DANWA_NODES", "DANWA_GRPC_NODES", "DANWA_TOKEN", "DANWA_POSITION_FILE"}) {
    if (name == of_client) return true;
  }
  return name.starts_with("DANWA_TEST_") || name.starts_with("DANWA_FAILPOINT");
}

/// True if a variable describes a service that a container runtime has found. It is not a setting, although its name
/// begins with `DANWA_`. Kubernetes sets such variables in every pod for a Service named danwa or danwa-...; Docker
/// does for a linked container of such a name:
///
///     DANWA_SERVICE_HOST=10.96.0.12     DANWA_SERVICE_PORT=8080        DANWA_SERVICE_PORT_HTTP=8080
///     DANWA_PORT=tcp://10.96.0.12:8080  DANWA_PORT_8080_TCP=tcp://...  DANWA_PORT_8080_TCP_PROTO=tcp
///     DANWA_NODE_NAME=/web/danwa-node   DANWA_NODE_ENV_PATH=...
///
/// `..._PORT` and `..._NAME` may be settings, too; their value decides.
bool is_service_link(const std::string& name, const std::string& value) {
  static const std::regex kLink{
      "DANWA_(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|ENV_.*|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR|START|END))?)"};
  static const std::regex kPortOrName{"DANWA_(.*_)?(PORT|NAME)"};
  if (std::regex_match(name, kLink)) return true;
  if (!std::regex_match(name, kPortOrName)) return false;
  if (name.ends_with("NAME")) return value.starts_with('/') && value.find('/', 1) != std::string::npos;
  return value.starts_with("tcp://") || value.starts_with("udp://") || value.starts_with("sctp://");
}

/// Reads the sources one over the other, and notes the files that hold secrets.
class Reading {
 public:
  Reading(const SettingsSources& sources, Faults& faults) {
    for (const auto& key : known_keys()) values.emplace(key.name, parse_value(key, key.fallback, "default"));
    if (sources.file) read_file(*sources.file, faults);
    read_environment(sources, faults);
    for (const auto& assignment : sources.overrides) {
      faults.attempt(assignment.substr(0, assignment.find('=')), [&] { read_override(assignment); });
    }
  }

  Values values{};
  std::vector<std::string> private_files{};

 private:
  void set_text(std::string_view key, std::string_view text, std::string_view place, std::string_view shown_name) {
    if (const auto* known = find_key(key)) {
      values.insert_or_assign(std::string{key}, parse_value(*known, text, place));
    } else if (const auto* secret = secret_of_file(key)) {
      if (text.empty()) return;
      private_files.emplace_back(text);
      values.insert_or_assign(std::string{secret->name}, read_secret(std::string{text}, place));
    } else {
      refuse_unknown(place, shown_name, key);
    }
  }

  void read_file(const std::string& path, Faults& faults) {
    std::vector<FileEntry> entries;
    faults.attempt({}, [&] { entries = read_toml(path, faults); });
    for (auto& entry : entries) faults.attempt(entry.key, [&] { take(entry, path); });
  }

  void take(FileEntry& entry, const std::string& path) {
    const auto* known = find_key(entry.key);
    const auto* text = std::get_if<std::string>(&entry.value);
    if (!known && text) return set_text(entry.key, *text, entry.place, entry.key);
    if (!known) refuse_unknown(entry.place, entry.key, entry.key);
    if (known->secret) private_files.push_back(path);
    if (std::holds_alternative<std::vector<std::string>>(known->type)) as_list(*known, entry.value);
    if (entry.value.index() != known->type.index()) {
      static constexpr const char* kTypes[] = {"a string", "a whole number", "true or false", "a list of strings"};
      throw SettingsError{entry.place + ": " + entry.key + " must be " + kTypes[known->type.index()]};
    }
    check_value(*known, entry.value, entry.place);
    values.insert_or_assign(entry.key, std::move(entry.value));
  }

  void read_environment(const SettingsSources& sources, Faults& faults) {
    for (const auto& [name, text] : sources.environment) {
      if (!name.starts_with("DANWA_") || text.empty()) continue;
      if (is_of_another_program(name) || is_service_link(name, text)) continue;
      const auto key = key_of_variable(name);
      faults.attempt(key,
                     [&, &name = name, &text = text] { set_text(key, text, "environment variable " + name, name); });
    }
  }

  void read_override(const std::string& assignment) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos) {
      throw SettingsError{"--set " + without_password(assignment) + ": key=value is expected"};
    }
    const std::string key = assignment.substr(0, equals);
    set_text(key, std::string_view{assignment}.substr(equals + 1), "--set", key);
  }
};

/// The files that only the node may read, each once.
std::vector<std::string> private_files(std::vector<std::string> files, const Settings& settings) {
  if (settings.auth.jwt.algorithm == "HS256") files.push_back(settings.auth.jwt.key_file);  // else it is a public key
  files.push_back(settings.cluster.tls.key_file);
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  std::erase(files, std::string{});
  return files;
}

Settings assigned(const Values& values, Faults& faults) {
  Settings settings;
  for (const auto& key : known_keys()) {
    faults.attempt(key.name, [&] { key.assign(settings, values.find(key.name)->second); });
  }
  return settings;
}

Settings checked(const Values& values, Faults& faults) {
  Settings settings = assigned(values, faults);
  complete(settings);
  check_rules(settings, faults);
  return settings;
}

/// The URLs of databases, without passwords.
Value shown_urls(Value value) {
  if (auto* url = std::get_if<std::string>(&value)) *url = without_password(*url);
  if (auto* urls = std::get_if<std::vector<std::string>>(&value)) {
    for (auto& url : *urls) url = without_password(url);
  }
  return value;
}

}  // namespace

Values read_values(const SettingsSources& sources) {
  Faults faults;
  Reading reading{sources, faults};
  faults.throw_if_any();
  return std::move(reading.values);
}

Settings load_settings(const SettingsSources& sources) {
  Faults faults;
  Reading reading{sources, faults};
  auto settings = checked(reading.values, faults);
  faults.throw_if_any();
  settings.private_files = private_files(std::move(reading.private_files), settings);
  return settings;
}

void check_settings(const SettingsSources& sources) {
  Faults faults;
  check_files(checked(Reading{sources, faults}.values, faults), faults);
  faults.throw_if_any();
}

DatabaseSettings to_database_settings(const Values& values) {
  Faults faults;
  auto settings = assigned(values, faults);
  faults.throw_if_any();
  return settings.database;
}

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
