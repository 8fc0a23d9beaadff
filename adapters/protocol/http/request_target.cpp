#include "adapters/protocol/http/request_target.hpp"

#include <algorithm>
#include <array>

#include "adapters/protocol/http/fields.hpp"
#include "domain/core/text.hpp"

// Checks the request line, and splits its target. A line that cannot become a request is refused at its first wrong
// byte, so a client of another protocol need not time out. The target is split at its separators before anything is
// decoded, so `%2F` never becomes a slash. The segments `.` and `..` are refused, encoded or not, instead of resolved:
// a proxy in front could resolve them in another way.

namespace danwa::adapters::http {
namespace {

constexpr std::size_t kMaxMethod = 32;  // bytes; a longer word is not read to its end
constexpr std::array<std::string_view, 7> kMethods{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};

bool is_visible(char c) { return c > 0x20 && c < 0x7F; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Check check_method(std::string_view method) {
  if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
    return Refusal{501, "method-unknown", "This server does not know the method."};
  }
  return std::nullopt;
}

Check check_version(std::string_view version) {
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return std::nullopt;
  if (version.size() == 8 && version.substr(0, 5) == "HTTP/" && is_digit(version[5]) && version[6] == '.' &&
      is_digit(version[7])) {
    return Refusal{505, "version-not-supported", "This server speaks HTTP/1.1."};
  }
  return Refusal{400, "request-line-invalid", "The request line is malformed."};
}

Check check_target(std::string_view method, std::string_view target, const ReadLimits& limits) {
  if (target.size() > limits.max_target) return Refusal{414, "target-too-long", "The request target is too long."};
  const bool visible = std::all_of(target.begin(), target.end(), is_visible);
  if (target.empty() || !visible || target.find('#') != std::string_view::npos) {
    return Refusal{400, "target-invalid", "The request target holds a character that must be encoded."};
  }
  if (target.front() == '/' || (target == "*" && method == "OPTIONS")) return std::nullopt;
  const auto scheme = target.substr(0, target.find("://"));
  if (scheme.size() < target.size() &&
      (equals_ignoring_case(scheme, "http") || equals_ignoring_case(scheme, "https"))) {
    return std::nullopt;
  }
  return Refusal{400, "target-invalid", "The request target must be a path."};
}

/// The place of the first byte that no request line holds there; the size of the line if there is none. `method`: where
/// the method ends.
std::size_t first_wrong_byte(std::string_view line, std::size_t method) {
  if (method == 0) return 0;
  std::size_t at = 0;
  while (at < method && is_token_char(line[at])) ++at;
  if (at < method) return at;
  while (at < line.size() && (is_visible(line[at]) || line[at] == ' ')) ++at;
  return at;
}

}  // namespace

Checked<RequestLine> parse_request_line(std::string_view line, const ReadLimits& limits) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos) return refuse(400, "request-line-invalid", "The request line is malformed.");
  const auto method = line.substr(0, first);
  if (!is_token(method)) return refuse(400, "request-line-invalid", "The request line is malformed.");
  if (first == last) return refuse(400, "request-line-invalid", "The request line has no version.");
  const auto version = line.substr(last + 1);
  if (const auto bad = check_version(version)) return tl::unexpected{*bad};
  if (const auto bad = check_method(method)) return tl::unexpected{*bad};
  const auto target = line.substr(first + 1, last - first - 1);
  if (const auto bad = check_target(method, target, limits)) return tl::unexpected{*bad};
  return RequestLine{method, target, version == "HTTP/1.0"};
}

/// Its bytes are judged in their order, so the answer does not depend on how many of them have come.
Check check_partial_line(std::string_view beginning, const ReadLimits& limits) {
  if (!beginning.empty() && beginning.back() == '\r') beginning.remove_suffix(1);
  const auto method = std::min(beginning.find(' '), beginning.size());
  const auto good = first_wrong_byte(beginning, method);
  if (std::min(good, method) > kMaxMethod) {
    return Refusal{501, "method-unknown", "This server does not know the method."};
  }
  if (good > limits.max_target + kMaxMethod + sizeof(" HTTP/1.1 ")) {
    return Refusal{414, "target-too-long", "The request target is too long."};
  }
  if (good == beginning.size()) return std::nullopt;
  const bool in_target = good > method && beginning.substr(0, good).find(' ', method + 1) == std::string_view::npos;
  if (in_target) {
    return Refusal{400, "target-invalid", "The request target holds a character that must be encoded."};
  }
  return Refusal{400, "request-line-invalid", "The request line is malformed."};
}

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
