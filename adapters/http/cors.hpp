#pragma once

#include <span>
#include <string>
#include <string_view>

#include "adapters/http/origin_check.hpp"
#include "adapters/http/request.hpp"
#include "adapters/http/response.hpp"

namespace danwa::adapters::http {

/// Lets pages of the listed origins read this server's answers (Fetch standard, CORS), without
/// credentials of the browser's own. An origin without port stands for all its ports. Immutable: thread safe.
class CorsPolicy {
 public:
  CorsPolicy() = default;
  explicit CorsPolicy(std::span<const std::string> origins) : origins_{origins} {}

  /// Lets the page of `origin` (empty: none) see the answer; every answer that leaves the server passes here.
  void grant(std::string_view origin, Response& answer) const;

  /// Adds to the 204 of a preflight (OPTIONS with `Access-Control-Request-Method`) what a listed origin may send:
  /// every method, and every header that it asks for (a browser asks for no forbidden one).
  void allow_preflight(const Request& request, Response& answer) const;

 private:
  OriginList origins_;
};

}  // namespace danwa::adapters::http
