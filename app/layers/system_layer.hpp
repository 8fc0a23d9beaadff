#pragma once

#include "adapters/metrics/grpc_figures.hpp"
#include "adapters/metrics/metrics.hpp"
#include "app/settings/settings.hpp"
#include "infra/log/json_logger.hpp"
#include "infra/system/system_clock.hpp"
#include "infra/system/uuid_v7_generator.hpp"

namespace danwa::app {

/// The services that every part uses: clock, ids, log and figures.
struct SystemLayer {
  explicit SystemLayer(const Settings& settings);

  infra::SystemClock clock;
  infra::UuidV7Generator ids;
  adapters::Metrics metrics;
  adapters::GrpcFigures grpc_figures;
  infra::JsonLogger log;
};

/// The level of a name that was checked before.
adapters::LogLevel to_level(std::string_view name);

}  // namespace danwa::app
