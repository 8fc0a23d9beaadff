#pragma once

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/danwad/settings/known_keys.hpp"

namespace danwa::app {

/// What is wrong with the settings. Each line is one fault and names its place and key.
class SettingsError : public std::runtime_error {
 public:
  explicit SettingsError(const std::string& line) : SettingsError{std::vector{line}} {}
  explicit SettingsError(std::vector<std::string> lines)
      : std::runtime_error{joined(lines)}, lines_{std::move(lines)} {}

  const std::vector<std::string>& lines() const { return lines_; }

 private:
  static std::string joined(const std::vector<std::string>& lines) {
    std::string all;
    for (const auto& line : lines) all += (all.empty() ? "" : "\n") + line;
    return all;
  }

  std::vector<std::string> lines_;
};

/// Gathers the faults of all settings, so that people are told all at once. It remembers the keys that are wrong: a
/// rule over several keys says nothing sensible when one of them has no right value.
class Faults {
 public:
  /// Runs `part`, which reads `key`. A SettingsError is kept.
  template <class Part>
  void attempt(std::string_view key, const Part& part) {
    try {
      part();
    } catch (const SettingsError& error) {
      wrong_.emplace(key);
      lines_.insert(lines_.end(), error.lines().begin(), error.lines().end());
    }
  }

  /// Runs a rule over `keys`, unless one of them is wrong already. A SettingsError is kept.
  template <class Rule>
  void check(std::initializer_list<std::string_view> keys, const Rule& rule) {
    if (std::any_of(keys.begin(), keys.end(), [this](auto key) { return wrong_.contains(key); })) return;
    attempt(keys.size() == 1 ? *keys.begin() : std::string_view{}, rule);
  }

  /// Throws SettingsError with all lines.
  void throw_if_any() const {
    if (!lines_.empty()) throw SettingsError{lines_};
  }

 private:
  std::vector<std::string> lines_;
  std::set<std::string, std::less<>> wrong_;
};

/// The parts of a list that was written as one text, separated by blanks and commas. A URL of a database may hold
/// commas: there one separates only where another URL begins behind it.
std::vector<std::string> split_list(const KnownKey& key, std::string_view text);

/// Reads what `--set` or the environment says. Throws SettingsError, beginning with `place`.
Value parse_value(const KnownKey& key, std::string_view text, std::string_view place);

/// Throws SettingsError when the value is outside the key's choices or range.
void check_value(const KnownKey& key, const Value& value, std::string_view place);

/// The value as TOML.
std::string to_toml(const Value& value);

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
