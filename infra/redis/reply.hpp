#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace danwa::infra {

/// A reply of Redis (RESP2).
struct Reply {
  enum class Kind : std::uint8_t { nil, integer, text, status, error, array };

  Kind kind = Kind::nil;
  std::string text = {};          ///< of a text, a status, an error
  std::int64_t integer = 0;       ///< of an integer
  std::vector<Reply> items = {};  ///< of an array
};

}  // namespace danwa::infra
