#include "app/settings/service_links.hpp"

#include <algorithm>
#include <vector>

namespace danwa::app {
namespace {

using Words = std::vector<std::string_view>;

Words words_of(std::string_view name) {
  Words words;
  while (true) {
    const auto end = name.find('_');
    words.push_back(name.substr(0, end));
    if (end == std::string_view::npos) return words;
    name.remove_prefix(end + 1);
  }
}

bool is_number(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

/// What stands from word `i` on, behind the name of the service.
bool is_link_from(const Words& words, std::size_t i, std::string_view value) {
  const auto left = words.size() - i;
  const auto word = [&](std::size_t n) { return words[i + n]; };
  if (word(0) == "SERVICE") return left >= 2 && (word(1) == "PORT" || (word(1) == "HOST" && left == 2));
  if (word(0) == "ENV") return left >= 2;
  if (word(0) == "NAME") return left == 1 && value.starts_with('/') && value.find('/', 1) != std::string_view::npos;
  if (word(0) != "PORT") return false;
  if (left == 1) return value.starts_with("tcp://") || value.starts_with("udp://") || value.starts_with("sctp://");
  if (left < 3 || left > 4 || !is_number(word(1)) || !is_one_of(word(2), {"TCP", "UDP", "SCTP"})) return false;
  return left == 3 || is_one_of(word(3), {"PROTO", "PORT", "ADDR", "START", "END"});
}

}  // namespace

bool is_service_link(std::string_view name, std::string_view value) {
  const auto words = words_of(name);
  if (words.front() != "DANWA") return false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (is_link_from(words, i, value)) return true;
  }
  return false;
}

}  // namespace danwa::app
