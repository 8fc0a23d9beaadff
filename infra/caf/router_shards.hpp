#pragma once

#include <atomic>
#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "adapters/metrics/metrics.hpp"
#include "infra/caf/log_reader.hpp"
#include "infra/caf/messages.hpp"
#include "infra/caf/pinned_actor.hpp"
#include "usecase/conversation_facts.hpp"
#include "usecase/delivery/peer_bus.hpp"
#include "usecase/delivery/router_table.hpp"
#include "usecase/delivery/subscriber.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::caf {

/// Starts a router actor: a thin shell around delivery::RouterTable. It carries out the table's effects as messages to
/// subscriber actors and as reads of the log. A node has a router per io thread, which divide the channels by hash.
/// `reader`, `facts` (null: none) and `metrics` must outlive the system.
::caf::actor spawn_router(Lane& lane, delivery::RouterTable::Options options, LogReader& reader,
                          usecase::ConversationFacts* facts, adapters::Metrics& metrics);

/// The node's routers. A channel always belongs to the same one. Local events, the event bus and the log tail enter
/// here. Thread safe; unless noted a call only enqueues, and it does nothing after the routers have ended.
class RouterShards final : public delivery::BusListener, public usecase::TailListener {
 public:
  RouterShards(::caf::actor_system& system, Lanes& lanes, const delivery::RouterTable::Options& options,
               LogReader& reader, const delivery::FrameEncoder& frames, usecase::ConversationFacts* facts,
               adapters::Metrics& metrics);

  const ::caf::actor& of(const domain::ChannelKey& channel) const { return shards_[index(channel)]; }

  void on_frame(delivery::FramePtr frame) override;

  /// Encodes them, once for all watchers here.
  void on_updates(std::vector<delivery::LoggedUpdate> updates) override;

  void check_log(const domain::ChannelKey& channel) override;
  void look_at_log_everywhere() override;

  /// Passes the message to the listener of `join_presence`.
  void on_presence(delivery::PeerAddress from, std::string message) override;
  void join_presence(delivery::PresenceListener* listener) { presence_.store(listener, std::memory_order_release); }

  /// Reports every channel that is watched now to `bus`, and later each first and last watcher. The previous bus gets
  /// no call after this returns. Waits for the routers, at most 5 s each, so an actor must not call it.
  void join(delivery::PeerBus* bus);

  void on_growth(std::span<const Growth> channels) override;
  void on_epoch(const domain::Epoch& epoch) override;
  void on_looked(const domain::Epoch& epoch, std::optional<std::uint64_t> position) override;

  /// Ends every watch, also those that start later.
  void end_all_watches();

  /// Ends the routers, which then no longer read the log. Waits at most `limit` for each. False: one was still busy.
  bool exit(std::chrono::milliseconds limit);

 private:
  std::size_t index(const domain::ChannelKey& channel) const {
    return (std::hash<domain::ChannelKey>{}(channel) >> 16) % shards_.size();
  }

  ::caf::actor_system& system_;
  const delivery::FrameEncoder& frames_;
  usecase::ConversationFacts* facts_;                 // hear what the routers hear; null: none
  std::vector<::caf::actor> shards_;                  // one per lane
  std::vector<std::shared_ptr<FrameInbox>> inboxes_;  // one per shard
  std::atomic<delivery::PresenceListener*> presence_{nullptr};
};

/// Starts the actor of one watch on `lane`: a thin shell around delivery::Subscriber. It registers each channel with
/// the router of that channel, and leaves all routers however it ends. `Ready` is sent to it when `signal` asks for it.
/// `reader`, `node`, `frames` and `metrics` must outlive the system; `routers` is used during the call only.
::caf::actor spawn_subscriber(Lane& lane, usecase::Watch watch, std::weak_ptr<delivery::Watcher> transport,
                              std::shared_ptr<delivery::ReadySignal> signal, const RouterShards& routers,
                              LogReader& reader, const std::string& node, const delivery::FrameEncoder& frames,
                              adapters::Metrics& metrics);

/// Starts one subscriber actor for each watch, on the io thread of the caller if it is one. A guarded watch ends at
/// once as `unavailable` if the node has no access check. Thread safe. Every subscription must be destroyed before the
/// actor system.
class ActorUpdateFeed final : public delivery::UpdateFeed {
 public:
  ActorUpdateFeed(Lanes& lanes, const RouterShards& routers, LogReader& reader, std::string node,
                  const delivery::FrameEncoder& frames, adapters::Metrics& metrics)
      : lanes_{lanes}, routers_{routers}, reader_{reader}, node_{std::move(node)}, frames_{frames}, metrics_{metrics} {}

  std::unique_ptr<delivery::Subscription> watch(usecase::Watch watch,
                                                std::weak_ptr<delivery::Watcher> watcher) override;

  /// The node stops: every later watch ends at once as `going_away`.
  void close() { closed_.store(true); }

 private:
  Lanes& lanes_;
  const RouterShards& routers_;
  LogReader& reader_;
  std::string node_;
  const delivery::FrameEncoder& frames_;
  adapters::Metrics& metrics_;
  std::atomic<bool> closed_{false};
};

}  // namespace danwa::caf
