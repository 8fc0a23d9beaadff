#pragma once

#include <memory>

#include "adapters/delivery/log_source.hpp"
#include "adapters/delivery/peer_bus.hpp"
#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "app/settings/settings.hpp"

namespace danwa::app {

/// Starts the bus over Redis; its destructor stops it. Throws SettingsError in a build without Redis. The arguments
/// must outlive it.
std::unique_ptr<adapters::PeerBus> start_redis_bus(const RedisSettings& settings, adapters::LogSource log,
                                                   adapters::BusListener& listener, adapters::Logger& logger,
                                                   adapters::Metrics& metrics);

}  // namespace danwa::app
