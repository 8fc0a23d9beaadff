#pragma once

#include <string>
#include <string_view>

#include "app/settings/known_keys.hpp"

namespace danwa::app {

/// Reads what `--set` or the environment says, e.g. a list by spaces. Throws SettingsError, beginning
/// with `place`.
Value parse_value(const KnownKey& key, std::string_view text, std::string_view place);

/// Throws SettingsError when the value is outside the key's choices or range.
void check_value(const KnownKey& key, const Value& value, std::string_view place);

/// The value as TOML.
std::string to_toml(const Value& value);

}  // namespace danwa::app
