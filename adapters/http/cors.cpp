#include "adapters/http/cors.hpp"

#include "adapters/http/origin_check.hpp"

namespace danwa::adapters::http {

void CorsPolicy::grant(std::string_view origin, Response& answer) const {
  if (origins_.empty()) return;
  answer.headers.emplace_back("Vary", "Origin");
  if (origin.empty() || !is_listed_origin(origin, origins_)) return;
  answer.headers.emplace_back("Access-Control-Allow-Origin", std::string{origin});
  answer.headers.emplace_back("Access-Control-Expose-Headers",
                              "ETag, Link, Location, Danwa-Position, Idempotency-Replayed, Retry-After");
}

void CorsPolicy::grant(const Request& request, Response& answer) const {
  const auto origin = request.header("origin").value_or("");
  grant(origin, answer);
  const bool preflight = request.method == "OPTIONS" && request.header("access-control-request-method");
  if (!preflight || answer.status != 204 || !is_listed_origin(origin, origins_)) return;
  answer.headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
  answer.headers.emplace_back("Access-Control-Allow-Headers",
                              "Authorization, Content-Type, Danwa-Position, Idempotency-Key, If-Match, If-None-Match, "
                              "Last-Event-ID");
  answer.headers.emplace_back("Access-Control-Max-Age", "600");
}

}  // namespace danwa::adapters::http
