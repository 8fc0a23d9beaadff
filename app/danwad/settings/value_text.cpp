#include "app/danwad/settings/value_text.hpp"

#include <toml++/toml.h>
#include <fstream>
#include <iterator>
#include <sstream>

#include "adapters/protocol/json/json_writer.hpp"
#include "app/danwad/settings/database_url.hpp"
#include "domain/core/result.hpp"
#include "domain/core/text.hpp"

// Between texts and values of settings. `--set` and the environment give texts, which the type of the key interprets; a
// TOML file gives values that have a type already. Both end in `check_value`. An error begins with its place, a line of
// the file or the name of the variable, so that it can be found. toml++ is used in this file alone.

namespace danwa::app {
namespace {

using domain::Overloaded;

constexpr std::string_view kBlanks = " \t\r\n";

[[noreturn]] void refuse_at(const KnownKey& key, std::string_view place, const std::string& reason) {
  throw SettingsError{std::string{place} + ": " + std::string{key.name} + " " + reason};
}

std::int64_t parse_integer(const KnownKey& key, std::string_view text, std::string_view place) {
  const auto number = domain::parse_number<std::int64_t>(text);
  if (!number) refuse_at(key, place, "must be a whole number");
  return *number;
}

bool parse_boolean(const KnownKey& key, std::string_view text, std::string_view place) {
  if (text != "true" && text != "false") refuse_at(key, place, "must be true or false");
  return text == "true";
}

bool begins_database_url(std::string_view text) {
  const auto url = text.substr(std::min(text.find_first_not_of(kBlanks), text.size()));
  return url.starts_with("sqlite:") || is_postgres(url);
}

std::string quoted(std::string_view text) {
  std::string out;
  adapters::append_json_string(out, text);  // a JSON string is a TOML basic string
  return out;
}

void check_choice(const KnownKey& key, const std::string& text, std::string_view place) {
  if (key.choices.empty() || std::find(key.choices.begin(), key.choices.end(), text) != key.choices.end()) return;
  std::string all;
  for (const auto choice : key.choices) all += (all.empty() ? "" : ", ") + std::string{choice};
  refuse_at(key, place, "must be one of: " + all);
}

}  // namespace

std::vector<std::string> split_list(const KnownKey& key, std::string_view text) {
  std::vector<std::string> list(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool comma = text[i] == ',' && (!key.database || begins_database_url(text.substr(i + 1)));
    const bool blank = kBlanks.find(text[i]) != std::string_view::npos;
    if (!comma && !blank) {
      list.back() += text[i];
    } else if (!list.back().empty()) {
      list.emplace_back();
    }
  }
  if (list.back().empty()) list.pop_back();
  return list;
}

Value parse_value(const KnownKey& key, std::string_view text, std::string_view place) {
  Value value = std::visit(Overloaded{
                               [&](const std::string&) -> Value { return std::string{text}; },
                               [&](std::int64_t) -> Value { return parse_integer(key, text, place); },
                               [&](bool) -> Value { return parse_boolean(key, text, place); },
                               [&](const std::vector<std::string>&) -> Value { return split_list(key, text); },
                           },
                           key.type);
  check_value(key, value, place);
  return value;
}

void check_value(const KnownKey& key, const Value& value, std::string_view place) {
  if (const auto* text = std::get_if<std::string>(&value)) check_choice(key, *text, place);
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number && (*number < key.min || *number > key.max)) {
    refuse_at(key, place, "must be " + std::to_string(key.min) + " to " + std::to_string(key.max));
  }
}

std::string to_toml(const Value& value) {
  return std::visit(Overloaded{
                        [](const std::string& text) { return quoted(text); },
                        [](std::int64_t number) { return std::to_string(number); },
                        [](bool truth) -> std::string { return truth ? "true" : "false"; },
                        [](const std::vector<std::string>& list) {
                          std::string out = "[";
                          for (const auto& text : list) out += (out.size() > 1 ? ", " : "") + quoted(text);
                          return out + "]";
                        },
                    },
                    value);
}

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
