#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "domain/comment/comment.hpp"
#include "domain/core/result.hpp"
#include "domain/core/time.hpp"

namespace danwa::usecase {

/// What a change would change, as it is at that moment.
struct Target {
  bool exists = false;
  std::optional<std::uint64_t> version{};          ///< where it has one
  std::optional<domain::Timestamp> modified_at{};  ///< where it is known
};

/// What a caller makes a change depend on. Asked last, when the change is allowed and its input is right: inside the
/// transaction where there is one, so that nothing comes between. Empty: nothing is asked. Errors: kind
/// precondition_failed; nothing is changed then.
using Precondition = std::function<domain::Result<void>(const Target&)>;

inline Target target_of(const domain::Comment& comment) {
  return {.exists = true, .version = comment.version, .modified_at = comment.updated_at};
}

inline domain::Result<void> require(const Precondition& precondition, const Target& target) {
  return precondition ? precondition(target) : domain::Result<void>{};
}

}  // namespace danwa::usecase
