#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "domain/core/result.hpp"
#include "usecase/ports/comment_repository.hpp"

namespace danwa::usecase {

/// Parses the idempotency key of a request, if it has one; `fields` is the parsed input of the request. Errors:
/// `idempotency-key-invalid` (validation, resource "Idempotency-Key").
domain::Result<std::optional<IdempotencyKey>> parse_idempotency_key(std::optional<std::string> key,
                                                                    std::initializer_list<std::string_view> fields);

}  // namespace danwa::usecase
