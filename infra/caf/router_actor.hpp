#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include "adapters/delivery/router_table.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/caf/log_reader.hpp"

namespace danwa::infra {

/// Starts a router actor: a thin shell around adapters::RouterTable. It carries out the table's effects as messages to
/// subscriber actors and as reads of the log. A node has several routers, which divide the channels by hash. `reader`
/// and `metrics` must outlive the system.
caf::actor spawn_router(caf::actor_system& system, adapters::RouterTable::Options options, LogReader& reader,
                        adapters::Metrics& metrics);

}  // namespace danwa::infra
