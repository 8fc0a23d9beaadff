#include "adapters/http/head.hpp"

#include <algorithm>

#include "adapters/http/authority.hpp"
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

bool names_host(std::string_view scheme, const Authority& authority, std::string_view host) {
  const auto own = parse_authority(host);
  return own && is_same_server(scheme, authority, *own);
}

/// Sets the target in origin form; false when it names another server than `Host`. Where there is no `Host`, as
/// HTTP/1.0 allows, the target's authority is it (RFC 9112 section 3.2.2).
bool set_target(std::string_view target, Request& request) {
  if (target.front() == '/' || target == "*") {
    request.target = target;
    return true;
  }
  const auto scheme = to_lower(target.substr(0, target.find("://")));
  target.remove_prefix(scheme.size() + 3);
  const auto end = std::min(target.find_first_of("/?"), target.size());
  const auto text = target.substr(0, end);
  const auto authority = parse_authority(text);
  if (!authority) return false;
  const auto host = request.header("host");
  if (host && !names_host(scheme, *authority, *host)) return false;
  if (!host) request.headers.emplace_back("host", text);
  const auto rest = target.substr(end);
  request.target = rest.empty() || rest.front() == '?' ? "/" + std::string{rest} : std::string{rest};
  return true;
}

}  // namespace

ParsedHead parse_head(const GuardedHead& head) {
  ParsedHead parsed{.request = {}, .framing = head.framing, .refusal = std::nullopt};
  parsed.request.method = head.line.method;
  parsed.request.http_1_0 = head.line.http_1_0;
  add_fields(head.fields, parsed.request);
  if (!set_target(head.line.target, parsed.request)) {
    parsed.refusal = problem(421, "host-not-served", "This server does not answer for that host.");
    return parsed;
  }
  if (parsed.request.asks_for_server()) return parsed;
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
