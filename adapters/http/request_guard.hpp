#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "adapters/http/read_limits.hpp"
#include "adapters/http/refusal.hpp"
#include "adapters/http/request_line.hpp"

namespace danwa::adapters::http {

/// How the bytes after a head belong together; what every party on the way must agree on.
struct Framing {
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  bool keep_alive = true;         ///< by `Connection` and version
  bool expects_continue = false;  ///< `Expect: 100-continue`

  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// A head that passed: its parts point into the bytes that were checked.
struct GuardedHead {
  RequestLine line;
  std::string_view fields;  ///< header lines, each with its CRLF
  Framing framing;
};

/// Refuses every head that two readers could understand differently (request smuggling) or that is
/// outside RFC 9112; stricter than its "should". `head` runs from the request line to the empty line,
/// both included. After a refusal the connection cannot be used on.
///
///   400: a bare CR, LF or control, a folded line, a bad name, a space before the colon, no or two or a
///        malformed `Host`, two or malformed `Content-Length`, it together with `Transfer-Encoding`, any
///        transfer coding but one single `chunked`, or one in HTTP/1.0; 501: an unknown coding;
///   414, 431: too long; 505: another version.
Checked<GuardedHead> guard_head(std::string_view head, const ReadLimits& limits);

/// Finds the end of a head in bytes that come piece by piece. A scan costs what is new.
class HeadScanner {
 public:
  explicit HeadScanner(const ReadLimits& limits) : limits_{&limits} {}

  /// `bytes`: all that came since the head began. Its size, or 0 when more must come, or why it is not
  /// worth waiting.
  Checked<std::size_t> scan(std::string_view bytes);

 private:
  Check check_end_of_line(std::string_view bytes, std::size_t line_feed);

  const ReadLimits* limits_;
  std::size_t seen_ = 0;        // bytes scanned
  std::size_t line_start_ = 0;  // of the line that has not ended
  std::size_t lines_ = 0;       // that have ended
};

}  // namespace danwa::adapters::http
