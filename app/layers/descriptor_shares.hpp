#pragma once

#include "app/settings/settings.hpp"
#include "infra/net/descriptor_budget.hpp"

namespace danwa::app {

/// How the descriptors of the process are divided. What is open already (database, cluster, log) and 64 more are kept
/// for the node itself; the rest is for clients. Where gRPC listens, it and HTTP are guaranteed a quarter each.
struct DescriptorShares {
  /// Raises the limit of the process first. Built when all is open but the ports of clients.
  explicit DescriptorShares(const Settings& settings);

  net::DescriptorBudget budget;
  net::DescriptorBudget::Share& http;
  net::DescriptorBudget::Share& grpc;
};

}  // namespace danwa::app
