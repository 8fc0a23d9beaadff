#pragma once

#include "domain/core/time.hpp"
#include "domain/core/uuid.hpp"

namespace danwa::usecase {

/// Wall-clock time, for displayed times and token expiry. Thread safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual domain::Timestamp now() const = 0;
};

/// Makes UUIDv7 (RFC 9562): unique over all nodes, roughly ordered by time. Thread safe.
class IdGenerator {
 public:
  virtual ~IdGenerator() = default;
  virtual domain::Uuid next() = 0;
};

}  // namespace danwa::usecase
