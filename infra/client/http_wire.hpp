#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace danwa::infra {

/// One whole HTTP/1.1 answer at the start of a buffer; the views point into that buffer.
struct HttpAnswer {
  int status = 0;
  std::string_view head;  ///< header lines, without the status line
  std::string_view body;
  std::size_t size = 0;  ///< bytes of the buffer it takes

  /// Value of the first header of that name, compared without regard to case.
  std::optional<std::string_view> header(std::string_view name) const;
};

enum class Parsed { incomplete, complete, broken };

/// Reads the answer at the start of `buffer`. Bodies by Content-Length or by our own chunked reader;
/// 1xx, 204 and 304 have none. An answer without either has no body here.
Parsed parse_answer(std::string_view buffer, HttpAnswer& answer);

/// The body of a chunked answer, put together.
std::optional<std::string> join_chunks(std::string_view chunks);

/// What to ask for; the head is written in this order.
struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::string token;  ///< bearer; empty: none
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  ///< JSON; empty: no body
};

std::string to_wire(const HttpRequest& request, std::string_view host);

/// Percent-encodes one path segment or query value.
std::string encode_segment(std::string_view text);

}  // namespace danwa::infra
