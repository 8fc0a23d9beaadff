#pragma once

#include "domain/channel/cursor.hpp"
#include "domain/update/update.hpp"

namespace danwa::usecase {

/// Carries events to every node: the fast path of delivery, best effort. Thread safe; only enqueues, never blocks,
/// never fails. The log tail delivers the updates that are lost here.
class EventBus {
 public:
  virtual ~EventBus() = default;

  /// `epoch`: of the log that holds the event, as the commit returned it.
  virtual void publish(domain::DomainEvent event, const domain::Epoch& epoch) = 0;
};

}  // namespace danwa::usecase
