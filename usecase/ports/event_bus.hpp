#pragma once

#include "domain/channel/cursor.hpp"
#include "domain/event.hpp"

namespace danwa::usecase {

/// Carries what happened to every node: the fast path, best effort. Thread safe; enqueues only, never
/// blocks, never fails: what is lost here, the log tail repairs.
class EventBus {
 public:
  virtual ~EventBus() = default;

  /// `epoch`: of the log in which it was made durable, as the commit told.
  virtual void publish(domain::DomainEvent event, const domain::Epoch& epoch) = 0;
};

}  // namespace danwa::usecase
