#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/hurry.hpp"
#include "usecase/ports/credential_lease.hpp"

namespace danwa::adapters::http {

/// A request that has passed the framing guard. Header names are lower case.
struct Request {
  std::string method;                 ///< as sent, e.g. "GET"
  std::string target;                 ///< origin form as sent, or `*`; may hold a token: not for logs
  std::vector<std::string> segments;  ///< path, split at `/`, then decoded; UTF-8, no controls
  std::vector<std::pair<std::string, std::string>> query;    ///< decoded, in order; UTF-8
  std::vector<std::pair<std::string, std::string>> headers;  ///< in order, names lower case, values trimmed
  std::string body;
  bool http_1_0 = false;         ///< else HTTP/1.1
  std::string request_id;        ///< for the log and problem answers
  usecase::LeasePtr lease;       ///< of who calls, once the router has let them in; null: nobody has asked
  std::shared_ptr<Hurry> hurry;  ///< set while a session runs the handler; for those that wait or read

  /// The first header of that (lower-case) name.
  std::optional<std::string_view> header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
  std::size_t count_header(std::string_view name) const {
    std::size_t count = 0;
    for (const auto& [key, value] : headers) count += key == name ? 1 : 0;
    return count;
  }
  std::optional<std::string_view> query_value(std::string_view name) const {
    for (const auto& [key, value] : query) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
  /// `OPTIONS *`: no resource is meant, but the server as a whole (RFC 9110 section 9.3.7).
  bool asks_for_server() const { return target == "*"; }
  /// The target without its query: what a log may show.
  std::string_view path() const { return std::string_view{target}.substr(0, target.find('?')); }
};

}  // namespace danwa::adapters::http
