#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/request.hpp"
#include "adapters/http/response.hpp"

namespace danwa::adapters::http {

/// Lets pages of the listed origins read this server's answers (Fetch standard, CORS), without
/// credentials of the browser's own. An origin without port stands for all its ports.
class CorsPolicy {
 public:
  CorsPolicy() = default;
  explicit CorsPolicy(std::vector<std::string> origins) : origins_{std::move(origins)} {}

  /// Adds the grant to an answer; to the 204 of a preflight (OPTIONS with
  /// `Access-Control-Request-Method`) also what may be sent.
  void grant(const Request& request, Response& answer) const;
  void grant(std::string_view origin, Response& answer) const;

 private:
  std::vector<std::string> origins_;
};

}  // namespace danwa::adapters::http
