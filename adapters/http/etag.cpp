#include "adapters/http/etag.hpp"

#include <algorithm>
#include <utility>

#include "adapters/http/header_text.hpp"

namespace danwa::adapters::http {
namespace {

std::string_view without_weakness(std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; }

/// Of `etagc`: visible but for the quote. A backslash is itself, unlike in a quoted string.
bool is_tag_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte != 0x7F);
}

std::string_view without_blanks(std::string_view text) {
  const auto first = std::min(text.find_first_not_of(" \t"), text.size());
  return text.substr(first);
}

}  // namespace

std::string to_etag(std::uint64_t version) { return '"' + std::to_string(version) + '"'; }

std::optional<TagCondition> TagCondition::read(const Request& request, std::string_view name) {
  std::optional<TagCondition> condition;
  for (const auto& [header, value] : request.headers) {
    if (header != name) continue;
    if (!condition) condition.emplace();
    if (!condition->add_line(value)) condition->malformed_ = true;
  }
  if (condition && condition->any_ == !condition->tags_.empty()) condition->malformed_ = true;
  return condition;
}

/// Empty elements of the list are none (RFC 9110 section 5.6.1.2).
bool TagCondition::add_line(std::string_view line) {
  if (trim(line) == "*") return !std::exchange(any_, true);
  for (line = without_blanks(line); !line.empty(); line = without_blanks(line)) {
    if (line.front() == ',') {
      line.remove_prefix(1);
      continue;
    }
    line = without_weakness(line);
    const auto end = line.find('"', 1);
    if (line.empty() || line.front() != '"' || end == std::string_view::npos) return false;
    const auto tag = line.substr(0, end + 1);
    if (!std::all_of(tag.begin() + 1, tag.end() - 1, is_tag_char)) return false;
    tags_.emplace_back(tag);
    line = without_blanks(line.substr(end + 1));
    if (!line.empty() && line.front() != ',') return false;
  }
  return true;
}

bool TagCondition::names(std::string_view etag) const {
  return std::find(tags_.begin(), tags_.end(), without_weakness(etag)) != tags_.end();
}

}  // namespace danwa::adapters::http
