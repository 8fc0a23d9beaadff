#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/settings/known_keys.hpp"

namespace danwa::app {

/// The parts of a list that was written as one text, separated by blanks and commas. A URL of a database may hold
/// commas: there one separates only where another URL begins behind it.
std::vector<std::string> split_list(const KnownKey& key, std::string_view text);

/// Reads what `--set` or the environment says. Throws SettingsError, beginning with `place`.
Value parse_value(const KnownKey& key, std::string_view text, std::string_view place);

/// Throws SettingsError when the value is outside the key's choices or range.
void check_value(const KnownKey& key, const Value& value, std::string_view place);

/// The value as TOML.
std::string to_toml(const Value& value);

}  // namespace danwa::app
