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

/// The node's routers. A channel always belongs to the same one. Local events, the event bus and the log tail enter
/// here. Thread safe; unless noted a call only enqueues, and it does nothing after the routers have ended.
class RouterShards final : public adapters::BusListener, public usecase::TailListener {
 public:
  static constexpr std::size_t kShards = 2;

  RouterShards(caf::actor_system& system, const adapters::RouterTable::Options& options, LogReader& reader,
               const adapters::FrameEncoder& frames, adapters::Metrics& metrics);

  const caf::actor& of(const domain::ChannelKey& channel) const { return shards_[index(channel)]; }

  void on_frame(adapters::FramePtr frame) override;

  /// Encodes them, once for all watchers here.
  void on_updates(std::vector<adapters::LoggedUpdate> updates) override;

  void look_at_log(const domain::ChannelKey& channel) override;
  void look_at_log_everywhere() override;

  /// Passes the message to the listener of `join_presence`.
  void on_presence(std::string message) override;
  void join_presence(adapters::PresenceListener* listener) { presence_.store(listener, std::memory_order_release); }

  /// Reports every channel that is watched now to `bus`, and later each first and last watcher. The previous bus gets
  /// no call after this returns. Waits for the routers, at most 5 s each, so an actor must not call it.
  void join(adapters::PeerBus* bus);

  void on_growth(std::span<const Growth> channels) override;
  void on_epoch(const domain::Epoch& epoch) override;

  /// Ends every watch, also those that start later.
  void end_all_watches();

  /// Ends the routers, which then no longer read the log. Waits at most `limit` for each. False: one was still busy.
  bool exit(std::chrono::milliseconds limit);

 private:
  static std::size_t index(const domain::ChannelKey& channel) {
    return (std::hash<domain::ChannelKey>{}(channel) >> 16) % kShards;
  }

  caf::actor_system& system_;
  const adapters::FrameEncoder& frames_;
  std::array<caf::actor, kShards> shards_;
  std::array<std::shared_ptr<FrameInbox>, kShards> inboxes_;  // one per shard
  std::atomic<adapters::PresenceListener*> presence_{nullptr};
};

}  // namespace danwa::infra
