#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "adapters/updates/update_json.hpp"
#include "domain/channel/cursor.hpp"
#include "infra/net/io_threads.hpp"
#include "usecase/conversation_facts.hpp"
#include "usecase/delivery/peer_bus.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/ports/event_bus.hpp"
#include "usecase/ports/update_log.hpp"

namespace danwa::caf {

class Cluster;
struct ClusterOptions;  // infra/caf/cluster.hpp

struct NodeOptions {
  std::string name = {};  ///< shown in `watching` frames
  bool publish = true;    ///< false (`bus = "none"`): watchers get updates from the log tail alone
  std::shared_ptr<const ClusterOptions> cluster = nullptr;  ///< null: this node has no peers
  std::size_t cache_frames = 256;                           ///< per channel's tail cache, at least 16
  std::size_t cache_bytes = 64UL << 20;                     ///< over all tail caches of the node
  std::chrono::milliseconds log_patience{30'000};           ///< how long a watcher waits for a log that cannot be read
  const delivery::FrameEncoder& frames = adapters::json_frames();  ///< writes the frames of this node
  domain::Epoch epoch = {};                ///< of the log now; frames of another one are dropped; empty: not known yet
  bool replicas = false;                   ///< `ReadFrom::replica` may show an earlier log than the master
  usecase::AccessCheck* access = nullptr;  ///< for guarded watches, outlives the node; null: they end as unavailable
  usecase::ConversationFacts* facts = nullptr;  ///< hears what the node hears, outlives it; null: nobody does
};

/// The delivery machinery of a node: an actor system with the router, a subscriber actor per watcher,
/// and, when the node has peers, the cluster's bus. Thread safe.
///
///     CafNode node{{.name = "node-1"}, threads, database.log(), log, metrics};
///     database.start_tail(node.tail_listener());
///     ...                                       // transports watch node.feed(), use cases publish to node.events()
///     database.stop_tail(); node.stop();        // in this order: the tail's thread calls the node
///
/// Routers and subscribers run on the io threads, which must outlive the node; they may have ended before.
///
/// `events().publish` encodes the update once, and hands the frame to the node's router and to
/// `Cluster::broadcast`. The subscriptions that `feed()` gave must be gone before the node is.
class CafNode {
 public:
  /// Starts threads. Throws std::runtime_error if the cluster's address cannot be bound.
  CafNode(NodeOptions options, net::IoThreads& threads, usecase::UpdateLog& log, adapters::Logger& logger,
          adapters::Metrics& metrics);
  ~CafNode();
  CafNode(const CafNode&) = delete;
  CafNode& operator=(const CafNode&) = delete;

  delivery::UpdateFeed& feed();
  usecase::EventBus& events();
  usecase::TailListener& tail_listener();

  /// Null if the node has no peers over CAF.
  Cluster* cluster();

  /// The connection to a bus other than CAF's (Redis): `bus_listener` takes its events, `join` names the bus that
  /// events are sent to. `peers` must live until `stop` or until it is replaced; null: no peers. It gets the channels
  /// that are watched on this node: first all of them, then each first and last watcher.
  delivery::BusListener& bus_listener();
  void join(delivery::PeerBus* peers);

  /// Sets the receiver of the presence messages of other nodes, with the lifetime rule of `join`. Null: none.
  void join_presence(delivery::PresenceListener* listener);

  /// Ends every watch with `going_away`, leaves the cluster, joins all threads. Takes at most 5 s. Later calls on the
  /// ports do nothing. Idempotent; the destructor calls it too.
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace danwa::caf
