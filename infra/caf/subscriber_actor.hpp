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

/// Starts the actor of one watch: a thin shell round adapters::Subscriber. It registers each channel with
/// the router of that channel, and takes itself out of all of them however it ends. `Ready` is sent to it as `signal`
/// says. `reader`, `node`, `frames` and
/// `metrics` must outlive the system; `routers` is used during the call only.
caf::actor spawn_subscriber(caf::actor_system& system, usecase::Watch watch, std::weak_ptr<adapters::Watcher> door,
                            std::shared_ptr<adapters::DoorSignal> signal, const RouterShards& routers,
                            LogReader& reader, const std::string& node, const adapters::FrameEncoder& frames,
                            adapters::Metrics& metrics);

}  // namespace danwa::infra
