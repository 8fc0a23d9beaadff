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

/// Faults of settings, one per line, each with its place and key.
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

/// Throws SettingsError: `<key> <reason>`.
[[noreturn]] inline void refuse(std::string_view key, std::string_view reason) {
  throw SettingsError{std::string{key} + " " + std::string{reason}};
}

/// Gathers the faults of all settings, so that an operator sees them at once. Remembers the wrong keys, because a rule
/// over several keys is meaningless if one of them has no valid value.
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

/// Splits a list that is written as one text, at blanks and commas. A URL of a database may contain commas, so there a
/// comma separates only if another URL begins after it.
std::vector<std::string> split_list(const KnownKey& key, std::string_view text);

/// Parses a text of `--set` or the environment. Throws SettingsError, which begins with `place`.
Value parse_value(const KnownKey& key, std::string_view text, std::string_view place);

/// Throws SettingsError if the value is outside the key's choices or range.
void check_value(const KnownKey& key, const Value& value, std::string_view place);

/// The value as TOML.
std::string to_toml(const Value& value);

/// One `key = value` of a settings file, its key written out in full.
struct FileEntry {
  std::string key;
  Value value;
  std::string place;  ///< "danwa.toml line 3"
};

/// Reads a TOML file. A value of a type that no setting has is a fault, and is left out. Throws SettingsError if the
/// file cannot be read or is not TOML.
std::vector<FileEntry> read_toml(const std::string& path, Faults& faults);

}  // namespace danwa::app
