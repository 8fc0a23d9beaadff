#pragma once

#include "usecase/async.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::usecase {

/// How far the database has come, for a reader of the master who wants to see no less later on. Thread safe.
class ReadPosition {
 public:
  explicit ReadPosition(UpdateLog& log) : log_{log} {}

  /// To be asked after the read whose answer it goes with. Errors: `unavailable`.
  Async<domain::Result<domain::Position>> execute() const { co_return co_await log_.position(); }

 private:
  UpdateLog& log_;
};

}  // namespace danwa::usecase
