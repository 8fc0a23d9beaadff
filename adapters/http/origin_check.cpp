#include "adapters/http/origin_check.hpp"

#include <algorithm>

#include "adapters/http/header_text.hpp"
#include "adapters/http/problem.hpp"

namespace danwa::adapters::http {
namespace {

/// Without `:port`; the colons of an address in brackets are none.
std::string_view without_port(std::string_view authority) {
  const auto colon = authority.rfind(':');
  const auto bracket = authority.rfind(']');
  const bool has_port = colon != std::string_view::npos && colon != authority.find("://") &&
                        (bracket == std::string_view::npos || bracket < colon);
  return has_port ? authority.substr(0, colon) : authority;
}

bool is_one_of(std::string_view value, std::span<const std::string> entries) {
  return std::any_of(entries.begin(), entries.end(), [value](const std::string& entry) {
    return equals_ignoring_case(entry, value) || equals_ignoring_case(entry, without_port(value));
  });
}

bool is_same_host(std::string_view origin, std::string_view host) {
  const auto scheme_end = origin.find("://");
  return scheme_end != std::string_view::npos && equals_ignoring_case(origin.substr(scheme_end + 3), host);
}

}  // namespace

std::optional<Response> check_origin(const Request& request, std::span<const std::string> hosts,
                                     std::span<const std::string> origins) {
  const auto host = request.header("host").value_or("");
  if (!hosts.empty() && !is_one_of(host, hosts)) {
    return problem(421, "host-not-served", "This server does not answer for that host.");
  }
  const auto origin = request.header("origin");
  if (origins.empty() || !origin) return std::nullopt;
  const bool one = request.count_header("origin") == 1;
  if (one && (is_same_host(*origin, host) || is_one_of(*origin, origins))) return std::nullopt;
  return problem(403, "origin-not-allowed", "Pages of that origin may not use this server.");
}

bool is_listed_origin(std::string_view origin, std::span<const std::string> origins) {
  return is_one_of(origin, origins);
}

}  // namespace danwa::adapters::http
