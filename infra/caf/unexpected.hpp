#pragma once

#include <caf/message_view.hpp>
#include <caf/result.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/sec.hpp>

#include "adapters/metrics/metrics.hpp"

namespace danwa::infra {

/// Counts and drops a message that the actor does not know; CAF's default prints it. `metrics` must outlive the actor.
template <class Actor>
void count_unexpected(Actor* self, adapters::Metrics& metrics) {
  self->set_default_handler([&metrics](caf::scheduled_actor*, caf::message_view&) -> caf::result<caf::message> {
    metrics.bus_unexpected.add();
    return caf::sec::unexpected_message;
  });
}

}  // namespace danwa::infra
