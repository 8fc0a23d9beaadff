#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace danwa::adapters::http {

/// Bounds of one request, each with the status beyond it.
struct ReadLimits {
  std::size_t max_head = 16 * 1024;     ///< bytes of request line and headers: 431
  std::size_t max_target = 8 * 1024;    ///< bytes of the request target: 414
  std::size_t max_headers = 100;        ///< lines: 431
  std::size_t max_body = 64 * 1024;     ///< bytes, decoded: 413
  std::size_t max_extension = 256;      ///< bytes of one chunk's extension: 413
  std::size_t max_trailers = 8 * 1024;  ///< bytes of all trailers: 431
};

/// The reason why a request is refused. All texts are literals, so no byte of the request is echoed.
struct Refusal {
  int status;
  std::string_view code;    ///< e.g. "header-name-invalid"
  std::string_view detail;  ///< one English sentence
};

template <class T>
using Checked = tl::expected<T, Refusal>;
using Check = std::optional<Refusal>;  ///< nullopt: passed

inline tl::unexpected<Refusal> refuse(int status, std::string_view code, std::string_view detail) {
  return tl::unexpected<Refusal>{Refusal{status, code, detail}};
}

/// The parts of a request line that passed.
struct RequestLine {
  std::string_view method;
  std::string_view target;
  bool http_1_0 = false;
};

/// Splits and checks a whole request line, without its CRLF. Requires one space between the parts; a known method (else
/// 501); a visible ASCII target of bounded length in origin or absolute form, or `*` for OPTIONS (else 400, 414); the
/// version HTTP/1.1 or HTTP/1.0 (else 505, or 400 if it is not a version).
Checked<RequestLine> parse_request_line(std::string_view line, const ReadLimits& limits);

/// Checks a line whose end has not come yet, so that garbage is refused at once.
Check check_partial_line(std::string_view beginning, const ReadLimits& limits);

/// A request target in origin form, taken apart.
struct Url {
  std::vector<std::string> segments;                       ///< `/` has none; `/a/` has "a" and ""
  std::vector<std::pair<std::string, std::string>> query;  ///< in order
};

/// Splits the path at `/` and the query at `&` before anything is decoded, so that `%2F` stays inside its segment. `+`
/// in the query is a space. Errors: `path-invalid` (400) for a `%` without two hexadecimal digits, for malformed UTF-8,
/// for control characters and for the segments `.` and `..`; `query-invalid` (400) for the first two in the query. A
/// value of the query may contain every character, NUL included, because some values have lines (a GraphQL query). The
/// reader of a value checks it.
Checked<Url> parse_url(std::string_view target);

}  // namespace danwa::adapters::http
