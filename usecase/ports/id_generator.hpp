#pragma once

#include "domain/core/uuid.hpp"

namespace danwa::usecase {

/// Makes UUIDv7 (RFC 9562): unique over all nodes, roughly ordered by time. Thread safe.
class IdGenerator {
 public:
  virtual ~IdGenerator() = default;
  virtual domain::Uuid next() = 0;
};

}  // namespace danwa::usecase
