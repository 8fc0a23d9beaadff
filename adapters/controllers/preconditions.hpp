#pragma once

#include "adapters/http/request.hpp"
#include "domain/core/result.hpp"
#include "usecase/precondition.hpp"

namespace danwa::adapters {

/// The preconditions of a request that changes something, for its use case. Errors: those of
/// `http::Preconditions::read`; what it returns answers `version-mismatch` for an `If-Match` that names no present
/// version, else `precondition-failed`.
domain::Result<usecase::Precondition> read_precondition(const http::Request& request);

}  // namespace danwa::adapters
