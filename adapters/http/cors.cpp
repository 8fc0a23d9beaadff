#include "adapters/http/cors.hpp"

#include "adapters/http/header_text.hpp"

namespace danwa::adapters::http {
namespace {

constexpr const char* kUsualHeaders =
    "Authorization, Content-Type, Danwa-Position, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID";

bool is_usual(std::string_view asked) {
  std::string_view usual = kUsualHeaders;
  while (const auto name = next_element(usual, ',')) {
    if (equals_ignoring_case(*name, asked)) return true;
  }
  return false;
}

/// The usual headers and what a preflight asks for besides; only those when it names what is no name.
std::string allowed_headers(const Request& request) {
  std::string names = kUsualHeaders;
  for (const auto& [header, value] : request.headers) {
    if (header != "access-control-request-headers") continue;
    std::string_view rest = value;
    while (const auto name = next_element(rest, ',')) {
      if (name->empty() || is_usual(*name)) continue;
      if (!is_token(*name)) return kUsualHeaders;
      names.append(", ").append(*name);
    }
  }
  return names;
}

}  // namespace

void CorsPolicy::grant(std::string_view origin, Response& answer) const {
  if (origins_.empty()) return;
  answer.headers.emplace_back("Vary", "Origin");
  if (origin.empty() || !origins_.contains(origin)) return;
  answer.headers.emplace_back("Access-Control-Allow-Origin", std::string{origin});
  answer.headers.emplace_back("Access-Control-Expose-Headers",
                              "ETag, Link, Location, Danwa-Position, Idempotency-Replayed, Retry-After");
}

void CorsPolicy::allow_preflight(const Request& request, Response& answer) const {
  if (request.method != "OPTIONS" || answer.status != 204 || !request.header("access-control-request-method")) return;
  if (origins_.empty()) return;
  answer.headers.emplace_back("Vary", "Access-Control-Request-Headers");
  if (request.count_header("origin") != 1 || !origins_.contains(*request.header("origin"))) return;
  answer.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
  answer.headers.emplace_back("Access-Control-Allow-Headers", allowed_headers(request));
  answer.headers.emplace_back("Access-Control-Max-Age", "600");
}

}  // namespace danwa::adapters::http
