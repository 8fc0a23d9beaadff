#pragma once

#include <cstddef>

namespace danwa::adapters::http {

/// Bounds of what is read for one request.
struct ReadLimits {
  std::size_t max_head = 16 * 1024;     ///< bytes of request line and headers: 431
  std::size_t max_target = 8 * 1024;    ///< bytes of the request target: 414
  std::size_t max_headers = 100;        ///< lines: 431
  std::size_t max_body = 64 * 1024;     ///< bytes, decoded: 413
  std::size_t max_extension = 256;      ///< bytes of one chunk's extension: 413
  std::size_t max_trailers = 8 * 1024;  ///< bytes of all trailers: 431
};

}  // namespace danwa::adapters::http
