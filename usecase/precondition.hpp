#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "domain/comment/comment.hpp"
#include "domain/core/result.hpp"
#include "domain/core/time.hpp"

namespace danwa::usecase {

/// Present state of the target of a change.
struct Target {
  bool exists = false;
  std::optional<std::uint64_t> version{};          ///< if it has one
  std::optional<domain::Timestamp> modified_at{};  ///< if it is known
};

/// Condition of the caller for a change. It is checked last, when the change is allowed and its input valid, and inside
/// the transaction if there is one, so that nothing can change in between. Empty: no condition. Errors: kind
/// precondition_failed; nothing is changed then.
using Precondition = std::function<domain::Result<void>(const Target&)>;

inline Target target_of(const domain::Comment& comment) {
  return {.exists = true, .version = comment.version, .modified_at = comment.updated_at};
}

inline domain::Result<void> require(const Precondition& precondition, const Target& target) {
  return precondition ? precondition(target) : domain::Result<void>{};
}

}  // namespace danwa::usecase
