#pragma once

#include <array>
#include <atomic>
#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <chrono>

#include "adapters/delivery/peer_bus.hpp"
#include "adapters/delivery/router_table.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/caf/frame_inbox.hpp"
#include "infra/caf/log_reader.hpp"
#include "usecase/ports/tail_listener.hpp"

namespace danwa::infra {

/// The node's routers, one channel always in the same: the way in for local events, for the bus and for
/// the log's tail. Thread safe; every call enqueues only, and does nothing once the routers are gone.
class RouterShards final : public adapters::BusListener, public usecase::TailListener {
 public:
  static constexpr std::size_t kShards = 2;

  RouterShards(caf::actor_system& system, const adapters::RouterTable::Options& options, LogReader& reader,
               adapters::Metrics& metrics);

  const caf::actor& of(const domain::ChannelKey& channel) const { return shards_[index(channel)]; }

  void on_frame(adapters::FramePtr frame) override;
  void on_frames(adapters::FrameBatch frames) override;
  void look_at_log(const domain::ChannelKey& channel) override;
  void look_at_log_everywhere() override;

  /// Goes on to whoever was set by `join_presence`.
  void on_presence(std::string message) override;
  void join_presence(adapters::PresenceListener* listener) { presence_.store(listener, std::memory_order_release); }

  /// Tells `bus` of every channel that is watched now, and then of each first and last watcher; no more of
  /// that to the one before, once this returns. Not from an actor: it waits for the routers (5 s at most).
  void join(adapters::PeerBus* bus);

  void on_growth(std::span<const Growth> channels) override;
  void on_epoch(const domain::Epoch& epoch) override;

  /// Ends every watch, and those that would still start.
  void end_all_watches();

  /// Ends the routers: after it they read the log no more. False: one was still busy after `limit`.
  bool exit(std::chrono::milliseconds limit);

 private:
  static std::size_t index(const domain::ChannelKey& channel) {
    return (std::hash<domain::ChannelKey>{}(channel) >> 16) % kShards;
  }

  caf::actor_system& system_;
  std::array<caf::actor, kShards> shards_;
  std::array<std::shared_ptr<FrameInbox>, kShards> inboxes_;  // one for each shard
  std::atomic<adapters::PresenceListener*> presence_{nullptr};
};

}  // namespace danwa::infra
