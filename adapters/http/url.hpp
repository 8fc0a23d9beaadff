#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/refusal.hpp"

namespace danwa::adapters::http {

/// A request target in origin form, taken apart.
struct Url {
  std::vector<std::string> segments;                       ///< `/` has none; `/a/` has "a" and ""
  std::vector<std::pair<std::string, std::string>> query;  ///< in order
};

/// Splits the path at `/` and the query at `&` before anything is decoded, so that `%2F` stays inside its
/// segment; `+` in the query is a space. Errors: `path-invalid` (400) for a `%` without two hexadecimal
/// digits, for what is not well-formed UTF-8, for control characters and for the segments `.` and `..`;
/// `query-invalid` (400) for the first two in the query. A value of the query may hold every character, also NUL:
/// it is a text like any other (a GraphQL query has lines), and who reads it has a rule for it.
Checked<Url> parse_url(std::string_view target);

}  // namespace danwa::adapters::http
