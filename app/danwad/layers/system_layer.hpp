#pragma once

#include "adapters/metrics/metrics.hpp"
#include "app/danwad/settings/settings.hpp"
#include "infra/log/json_logger.hpp"
#include "infra/net/descriptors.hpp"
#include "infra/system/identity.hpp"

namespace danwa::app {

/// Divides the descriptors of the process. The open ones (database, cluster, log) and 64 more are kept for the node;
/// the rest is for clients. If gRPC listens, gRPC and HTTP are guaranteed a quarter each.
struct DescriptorShares {
  /// Raises the process's limit first. Construct it after everything is open except the clients' ports.
  explicit DescriptorShares(const Settings& settings);

  net::DescriptorBudget budget;
  net::DescriptorBudget::Share& http;
  net::DescriptorBudget::Share& grpc;
};

/// The services that every part uses: clock, ids, log and figures.
struct SystemLayer {
  explicit SystemLayer(const Settings& settings);

  system::SystemClock clock;
  system::UuidV7Generator ids;
  adapters::Metrics metrics;
  adapters::GrpcFigures grpc_figures;
  log::JsonLogger log;
};

/// Converts the name of a level, which was checked before.
adapters::LogLevel to_level(std::string_view name);

}  // namespace danwa::app
