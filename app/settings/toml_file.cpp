#include "app/settings/toml_file.hpp"

#include <toml++/toml.h>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

namespace danwa::app {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (!file.is_open() || file.bad()) throw SettingsError{path + ": the settings file cannot be read"};
  return text;
}

std::string place_of(const std::string& path, const toml::node& node) {
  return path + " line " + std::to_string(node.source().begin.line);
}

std::vector<std::string> to_list(const toml::array& array, const std::string& key, const std::string& place) {
  std::vector<std::string> list;
  for (const auto& element : array) {
    const auto text = element.value_exact<std::string>();
    if (!text) throw SettingsError{place + ": " + key + " must be a list of strings"};
    list.push_back(*text);
  }
  return list;
}

Value to_value(const toml::node& node, const std::string& key, const std::string& place) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto number = node.value_exact<std::int64_t>()) return *number;
  if (const auto truth = node.value_exact<bool>()) return *truth;
  if (const auto* array = node.as_array()) return to_list(*array, key, place);
  throw SettingsError{place + ": " + key + " must be a string, a whole number, true, false or a list of strings"};
}

void collect(const toml::table& table, const std::string& prefix, const std::string& path,
             std::vector<FileEntry>& entries, Faults& faults) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string{name.str()};
    if (const auto* inner = node.as_table()) {
      collect(*inner, key + ".", path, entries, faults);
    } else {
      const std::string place = place_of(path, node);
      faults.attempt(key, [&, &node = node] { entries.push_back({key, to_value(node, key, place), place}); });
    }
  }
}

}  // namespace

std::vector<FileEntry> read_toml(const std::string& path, Faults& faults) {
  const std::string text = read_text(path);
  std::vector<FileEntry> entries;
  try {
    collect(toml::parse(std::string_view{text}, std::string_view{path}), "", path, entries, faults);
  } catch (const toml::parse_error& error) {
    std::ostringstream line;
    line << path << " line " << error.source().begin.line << ", column " << error.source().begin.column << ": "
         << error.description();
    throw SettingsError{line.str()};
  }
  return entries;
}

}  // namespace danwa::app
