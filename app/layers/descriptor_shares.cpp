#include "app/layers/descriptor_shares.hpp"

#include <algorithm>

#include "infra/system/process_figures.hpp"

namespace danwa::app {
namespace {

/// For connections to further nodes, reconnects of the database, rotated files, and the threads that serve clients.
constexpr std::size_t kReserve = 64;
constexpr std::size_t kLeast = 64;  // for clients, even if the limit is lower

std::size_t for_clients() {
  const auto limit = static_cast<std::size_t>(infra::raise_descriptor_limit());
  const auto kept = static_cast<std::size_t>(infra::open_descriptors()) + kReserve;
  return std::max(limit, kept + kLeast) - kept;
}

std::size_t guarantee(const Settings& settings, std::size_t total) {
  return settings.grpc.listen.empty() ? 0 : total / 4;
}

}  // namespace

DescriptorShares::DescriptorShares(const Settings& settings)
    : budget{for_clients()},
      http{budget.add_share(guarantee(settings, budget.total()))},
      grpc{budget.add_share(guarantee(settings, budget.total()))} {}

}  // namespace danwa::app
