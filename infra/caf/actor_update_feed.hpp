#pragma once

#include <atomic>
#include <caf/actor_system.hpp>
#include <string>

#include "adapters/delivery/update_feed.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/caf/log_reader.hpp"
#include "infra/caf/router_shards.hpp"

namespace danwa::infra {

/// Starts one subscriber actor for each watch. A guarded watch ends at once as `unavailable` if the node has no access
/// check. Thread safe. Every subscription must be destroyed before the actor system.
class ActorUpdateFeed final : public adapters::UpdateFeed {
 public:
  ActorUpdateFeed(caf::actor_system& system, const RouterShards& routers, LogReader& reader, std::string node,
                  const adapters::FrameEncoder& frames, adapters::Metrics& metrics)
      : system_{system},
        routers_{routers},
        reader_{reader},
        node_{std::move(node)},
        frames_{frames},
        metrics_{metrics} {}

  std::unique_ptr<adapters::Subscription> watch(usecase::Watch watch,
                                                std::weak_ptr<adapters::Watcher> watcher) override;

  /// The node stops: every later watch ends at once as `going_away`.
  void close() { closed_.store(true); }

 private:
  caf::actor_system& system_;
  const RouterShards& routers_;
  LogReader& reader_;
  std::string node_;
  const adapters::FrameEncoder& frames_;
  adapters::Metrics& metrics_;
  std::atomic<bool> closed_{false};
};

}  // namespace danwa::infra
