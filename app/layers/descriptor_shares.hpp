#pragma once

#include "app/settings/settings.hpp"
#include "infra/net/descriptor_budget.hpp"

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

}  // namespace danwa::app
