#pragma once

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <memory>
#include <string>

#include "adapters/delivery/door_signal.hpp"
#include "adapters/delivery/update_feed.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/caf/log_reader.hpp"
#include "infra/caf/router_shards.hpp"

namespace danwa::infra {

/// Starts the actor of one watch: a thin shell around adapters::Subscriber. It registers with the router of each of its
/// channels, and unregisters from all of them however it ends. A transport sends `Ready` only if `signal` asks for it.
/// `reader`, `node` and `metrics` must outlive the system; `routers` is used during the call only.
caf::actor spawn_subscriber(caf::actor_system& system, usecase::Watch watch, std::weak_ptr<adapters::Watcher> door,
                            std::shared_ptr<adapters::DoorSignal> signal, const RouterShards& routers,
                            LogReader& reader, const std::string& node, adapters::Metrics& metrics);

}  // namespace danwa::infra
