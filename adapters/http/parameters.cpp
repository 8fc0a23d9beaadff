#include "adapters/http/parameters.hpp"

#include <algorithm>
#include <utility>

#include "adapters/http/header_text.hpp"

namespace danwa::adapters::http {
namespace {

/// The text of a token or of a quoted string (RFC 9110 section 5.6.4); nothing for what is neither.
std::optional<std::string> read_value(std::string_view text) {
  if (is_token(text)) return std::string{text};
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') return std::nullopt;
    if (text[i] == '\\' && ++i == text.size()) return std::nullopt;
    value += text[i];
  }
  return value;
}

}  // namespace

std::optional<Parameter> Parameters::next() {
  while (!malformed_) {
    const auto element = next_element(rest_, ';');
    if (!element) return std::nullopt;
    if (element->empty()) continue;
    const auto equals = std::min(element->find('='), element->size());
    const auto name = element->substr(0, equals);
    auto value = equals < element->size() ? read_value(element->substr(equals + 1)) : std::nullopt;
    if (is_token(name) && value) return Parameter{name, std::move(*value)};
    malformed_ = true;
  }
  return std::nullopt;
}

}  // namespace danwa::adapters::http
