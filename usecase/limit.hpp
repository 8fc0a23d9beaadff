#pragma once

#include <cstddef>
#include <string>

#include "domain/core/result.hpp"

namespace danwa::usecase {

/// Succeeds if 1 <= limit <= max. Errors: `limit-out-of-range` (validation, resource "limit").
inline domain::Result<std::size_t> parse_limit(std::size_t limit, std::size_t max) {
  if (limit >= 1 && limit <= max) return limit;
  return domain::fail(
      domain::validation_error("limit-out-of-range", "limit", "limit must be 1 to " + std::to_string(max) + "."));
}

}  // namespace danwa::usecase
