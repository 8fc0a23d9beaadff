#pragma once

#include "adapters/http/request.hpp"
#include "domain/core/result.hpp"
#include "usecase/precondition.hpp"

namespace danwa::adapters {

/// Reads the preconditions of a request that changes something. Errors: those of `http::Preconditions::read`. The
/// returned precondition fails with `version-mismatch` for an `If-Match` that names no present version, else with
/// `precondition-failed`.
domain::Result<usecase::Precondition> read_precondition(const http::Request& request);

}  // namespace danwa::adapters
