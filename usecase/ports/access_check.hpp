#pragma once

#include "usecase/ports/async.hpp"
#include "usecase/ports/watch.hpp"

namespace danwa::usecase {

/// Checks again whether a user may still watch a conversation. Thread safe.
class AccessCheck {
 public:
  virtual ~AccessCheck() = default;

  struct Answer {
    bool allowed = false;
    domain::Seq checked_through = 0;  ///< head of the conversation's log in the same snapshot of the master
    domain::Epoch epoch{};            ///< of that log; empty: not known
  };
  /// Errors: `unavailable`.
  virtual Async<domain::Result<Answer>> check(AccessGuard guard) = 0;
};

}  // namespace danwa::usecase
