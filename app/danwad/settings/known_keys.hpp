#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/danwad/settings/settings.hpp"

namespace danwa::app {

/// A value of a setting, in the type of its key.
using Value = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;

/// One key, as the file, the environment, `--set`, `config print` and the help use it.
struct KnownKey {
  std::string_view name;      ///< `http.listen`; in the environment `DANWA_HTTP_LISTEN`
  std::string_view fallback;  ///< the default, as it would be written with `--set`
  std::string_view meaning;   ///< one line for people
  Value type;                 ///< an empty value of the key's type
  void (*assign)(Settings&, const Value&);
  std::vector<std::string_view> choices{};  ///< of a text; empty: any
  std::int64_t min = 0;                     ///< of an integer
  std::int64_t max = 0;
  bool secret = false;    ///< masked when printed; `<name>_file` names a file that holds it
  bool database = false;  ///< URLs of databases, whose passwords are masked; a list of them may be one string in a file
};

std::span<const KnownKey> known_keys();
const KnownKey* find_key(std::string_view name);

/// The known name nearest to `name` by edit distance; empty if none is near.
std::string_view nearest_key(std::string_view name);

/// `http.listen` -> `DANWA_HTTP_LISTEN`.
std::string environment_name(std::string_view key);

}  // namespace danwa::app
