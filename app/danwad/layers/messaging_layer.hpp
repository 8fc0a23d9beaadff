#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "app/danwad/layers/database.hpp"
#include "app/danwad/layers/system_layer.hpp"
#include "app/danwad/settings/settings.hpp"
#include "infra/caf/caf_node.hpp"
#include "usecase/access.hpp"
#include "usecase/delivery/peer_bus.hpp"
#include "usecase/presence/presence_hub.hpp"

namespace danwa::app {

/// The node's delivery engine with its routers, the event bus, and the log tail.
struct MessagingLayer {
  struct Needs {
    const Settings& settings;
    const std::string& http_address;  ///< sent to the peers
    SystemLayer& system;
    PersistenceLayer& persistence;
  };
  explicit MessagingLayer(Needs needs);
  ~MessagingLayer();  ///< ends the log tail first, because it calls the node
  MessagingLayer(const MessagingLayer&) = delete;
  MessagingLayer& operator=(const MessagingLayer&) = delete;

  std::string cluster_address();  ///< empty: no peers over CAF

  /// Announces that this node leaves, so the others remove it at once. Waits at most a second.
  void leave();

  /// The bus to the other nodes; null: none.
  delivery::PeerBus* peers();

  usecase::ConversationAccess access;  ///< checks watches whose access may have been revoked
  caf::CafNode node;

 private:
  Database& database_;
  std::unique_ptr<delivery::PeerBus> redis_;  ///< null unless `bus = "redis"`
};

/// The presence hub and the thread that calls its `step`.
class PresenceLayer {
 public:
  PresenceLayer(const std::string& node, adapters::Metrics& metrics);
  ~PresenceLayer();  ///< stops
  PresenceLayer(const PresenceLayer&) = delete;
  PresenceLayer& operator=(const PresenceLayer&) = delete;

  presence::PresenceHub& hub() { return hub_; }

  /// Starts to send presence to `peers` (null: none) and to the watchers of this node. Both must live until `stop`.
  void start(delivery::PeerBus* peers, delivery::BusListener& watchers);

  /// Sends the goodbye to the other nodes, joins the thread. Idempotent.
  void stop();

 private:
  void run();
  void wake();

  std::mutex mutex_;  // guards the two flags
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopping_ = false;
  presence::PresenceHub hub_;
  std::thread thread_;
};

/// Connects presence to the bus while the bus lives, and holds the feed whose watches count as present.
class PresenceOnBus {
 public:
  PresenceOnBus(PresenceLayer& presence, MessagingLayer& messaging)
      : feed{messaging.node.feed(), presence.hub()}, presence_{presence}, node_{messaging.node} {
    node_.join_presence(&presence.hub());
    presence_.start(messaging.peers(), node_.bus_listener());
  }
  ~PresenceOnBus() {
    presence_.stop();
    node_.join_presence(nullptr);
  }
  PresenceOnBus(const PresenceOnBus&) = delete;
  PresenceOnBus& operator=(const PresenceOnBus&) = delete;

  presence::PresenceFeed feed;

 private:
  PresenceLayer& presence_;
  caf::CafNode& node_;
};

}  // namespace danwa::app
