#pragma once

#include "domain/event.hpp"

namespace danwa::usecase {

/// Carries what happened to every node: the fast path, best effort. Thread safe; enqueues only, never
/// blocks, never fails: what is lost here, the log tail repairs.
class EventBus {
 public:
  virtual ~EventBus() = default;
  virtual void publish(domain::DomainEvent event) = 0;
};

}  // namespace danwa::usecase
