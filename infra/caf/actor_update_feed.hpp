#pragma once

#include <atomic>
#include <caf/actor_system.hpp>
#include <string>

#include "adapters/delivery/update_feed.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/caf/log_reader.hpp"
#include "infra/caf/router_shards.hpp"

namespace danwa::infra {

/// Starts a subscriber actor per watch; a guarded one ends at once where nobody can look up rights. Thread safe.
/// Subscriptions must be gone before the actor system.
class ActorUpdateFeed final : public adapters::UpdateFeed {
 public:
  ActorUpdateFeed(caf::actor_system& system, const RouterShards& routers, LogReader& reader, std::string node,
                  adapters::Metrics& metrics)
      : system_{system}, routers_{routers}, reader_{reader}, node_{std::move(node)}, metrics_{metrics} {}

  std::unique_ptr<adapters::Subscription> watch(usecase::Watch watch,
                                                std::weak_ptr<adapters::Watcher> watcher) override;

  /// From now on a watch is ended at once: the node stops.
  void close() { closed_.store(true); }

 private:
  caf::actor_system& system_;
  const RouterShards& routers_;
  LogReader& reader_;
  std::string node_;
  adapters::Metrics& metrics_;
  std::atomic<bool> closed_{false};
};

}  // namespace danwa::infra
