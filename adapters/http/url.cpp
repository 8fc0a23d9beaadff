#include "adapters/http/url.hpp"

#include <algorithm>
#include <optional>

#include "domain/core/percent.hpp"
#include "domain/core/utf8.hpp"

namespace danwa::adapters::http {
namespace {

std::optional<std::string> decode(std::string_view text) {
  auto decoded = domain::percent_decode(text);
  if (!decoded || !domain::count_code_points(*decoded)) return std::nullopt;
  return decoded;
}

std::optional<std::string> decode_query(std::string_view text) {
  if (text.find('+') == std::string_view::npos) return decode(text);
  std::string spaced{text};
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return decode(spaced);
}

Check add_segments(std::string_view path, Url& url) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto end = std::min(path.find('/'), path.size());
    auto segment = decode(path.substr(0, end));
    if (!segment || domain::has_control_character(*segment) || *segment == "." || *segment == "..") {
      return Refusal{400, "path-invalid", "The path holds a segment that is malformed."};
    }
    url.segments.push_back(std::move(*segment));
    path.remove_prefix(end);
  }
  return std::nullopt;
}

Check add_query(std::string_view query, Url& url) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = decode_query(pair.substr(0, equals));
    auto value = decode_query(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return Refusal{400, "query-invalid", "The query holds a value that is malformed."};
    url.query.emplace_back(std::move(*name), std::move(*value));
  }
  return std::nullopt;
}

}  // namespace

Checked<Url> parse_url(std::string_view target) {
  const auto question = std::min(target.find('?'), target.size());
  const auto path = target.substr(0, question);
  Url url;
  if (path.empty() || path.front() != '/') return refuse(400, "path-invalid", "The path must begin with a slash.");
  if (path != "/") {
    if (const auto bad = add_segments(path, url)) return tl::unexpected{*bad};
  }
  if (question < target.size()) {
    if (const auto bad = add_query(target.substr(question + 1), url)) return tl::unexpected{*bad};
  }
  return url;
}

}  // namespace danwa::adapters::http
