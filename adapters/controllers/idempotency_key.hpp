#pragma once

#include <optional>
#include <string>

#include "adapters/http/request.hpp"
#include "domain/core/result.hpp"

namespace danwa::adapters {

/// The value of the header `Idempotency-Key`, unchecked. Errors: `idempotency-key-repeated` (malformed).
domain::Result<std::optional<std::string>> read_idempotency_key(const http::Request& request);

}  // namespace danwa::adapters
