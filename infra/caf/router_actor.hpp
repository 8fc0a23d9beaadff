#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include "adapters/delivery/router_table.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/caf/log_reader.hpp"

namespace danwa::infra {

/// Starts a router: a thin shell round adapters::RouterTable that carries out its effects by messages to
/// subscriber actors and reads of the log. Several routers share a node's channels by hash. `reader` and
/// `metrics` must outlive the system.
caf::actor spawn_router(caf::actor_system& system, adapters::RouterTable::Options options, LogReader& reader,
                        adapters::Metrics& metrics);

}  // namespace danwa::infra
