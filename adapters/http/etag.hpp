#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/request.hpp"

namespace danwa::adapters::http {

/// The entity tag of a version: `"3"`, quotes included.
std::string to_etag(std::uint64_t version);

/// The value of `If-Match` or `If-None-Match`: `*`, or a list of entity tags (RFC 9110 section 8.8.3).
class TagCondition {
 public:
  /// Nothing when the request has no such header. `malformed` holds then, and for a value that is neither.
  static std::optional<TagCondition> read(const Request& request, std::string_view name);

  bool malformed() const { return malformed_; }
  bool any() const { return any_; }

  /// One of the tags is `etag`, weak or not: our tags are versions, and proxies that compress make them weak.
  bool names(std::string_view etag) const;

 private:
  bool add_line(std::string_view line);

  std::vector<std::string> tags_;  // without `W/`
  bool any_ = false;
  bool malformed_ = false;
};

}  // namespace danwa::adapters::http
