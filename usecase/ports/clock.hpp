#pragma once

#include "domain/core/time.hpp"

namespace danwa::usecase {

/// Wall-clock time, for displayed times and token expiry. Thread safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual domain::Timestamp now() const = 0;
};

}  // namespace danwa::usecase
