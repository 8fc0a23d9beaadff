#pragma once

#include "usecase/ports/async.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::usecase {

/// Reads the position of the master, for a client that wants to see no less later. Thread safe.
class ReadPosition {
 public:
  explicit ReadPosition(UpdateLog& log) : log_{log} {}

  /// Must be called after the read whose answer carries the position. Errors: `unavailable`.
  Async<domain::Result<domain::Position>> execute() const { co_return co_await log_.position(); }

 private:
  UpdateLog& log_;
};

}  // namespace danwa::usecase
