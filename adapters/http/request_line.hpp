#pragma once

#include <string_view>

#include "adapters/http/read_limits.hpp"
#include "adapters/http/refusal.hpp"

namespace danwa::adapters::http {

/// The parts of a request line that passed.
struct RequestLine {
  std::string_view method;
  std::string_view target;
  bool http_1_0 = false;
};

/// Splits and checks a whole request line, without its CRLF. One space between the parts, a known method
/// (else 501), a visible ASCII target in origin or absolute form, or `*` for OPTIONS, of bounded length (else 400,
/// 414), the version HTTP/1.1 or HTTP/1.0 (else 505, or 400 when it is none).
Checked<RequestLine> parse_request_line(std::string_view line, const ReadLimits& limits);

/// What can be said of a line whose end has not come yet: garbage is refused without waiting for it.
Check check_partial_line(std::string_view beginning, const ReadLimits& limits);

}  // namespace danwa::adapters::http
