#include "adapters/http/head.hpp"

#include <algorithm>

#include "adapters/http/header_text.hpp"
#include "adapters/http/problem.hpp"
#include "adapters/http/url.hpp"

namespace danwa::adapters::http {
namespace {

void add_fields(std::string_view fields, Request& request) {
  request.headers.reserve(16);
  while (!fields.empty()) {
    const auto end = fields.find("\r\n");
    const auto line = fields.substr(0, end);
    const auto colon = line.find(':');
    request.headers.emplace_back(to_lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
    fields.remove_prefix(end + 2);
  }
}

/// Origin form of `target`, or nothing when it names another server than `host`.
std::optional<std::string> to_origin_form(std::string_view target, std::string_view host) {
  if (target.front() == '/') return std::string{target};
  target.remove_prefix(target.find("://") + 3);
  const auto end = std::min(target.find_first_of("/?"), target.size());
  const auto authority = target.substr(0, end);
  if (!is_valid_host(authority) || !equals_ignoring_case(authority, host)) return std::nullopt;
  const auto rest = target.substr(end);
  if (rest.empty() || rest.front() == '?') return "/" + std::string{rest};
  return std::string{rest};
}

}  // namespace

ParsedHead parse_head(const GuardedHead& head) {
  ParsedHead parsed{.request = {}, .framing = head.framing, .refusal = std::nullopt};
  parsed.request.method = head.line.method;
  parsed.request.http_1_0 = head.line.http_1_0;
  add_fields(head.fields, parsed.request);
  auto target = to_origin_form(head.line.target, parsed.request.header("host").value_or(""));
  if (!target) {
    parsed.refusal = problem(421, "host-not-served", "This server does not answer for that host.");
    return parsed;
  }
  parsed.request.target = std::move(*target);
  auto url = parse_url(parsed.request.target);
  if (!url) {
    parsed.refusal = to_response(url.error());
    return parsed;
  }
  parsed.request.segments = std::move(url->segments);
  parsed.request.query = std::move(url->query);
  return parsed;
}

}  // namespace danwa::adapters::http
