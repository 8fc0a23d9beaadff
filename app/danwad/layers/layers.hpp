#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/http/router.hpp"
#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "adapters/rest/routes.hpp"
#include "app/danwad/settings/settings.hpp"
#include "infra/beast/http_server.hpp"
#include "infra/caf/caf_node.hpp"
#include "infra/log/json_logger.hpp"
#include "infra/net/descriptors.hpp"
#include "infra/net/io_threads.hpp"
#include "infra/storage/database.hpp"
#include "infra/system/identity.hpp"
#include "usecase/access.hpp"
#include "usecase/delivery/peer_bus.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/credentials.hpp"
#include "usecase/presence/presence_hub.hpp"
#include "usecase/use_cases.hpp"

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

/// The services that every part uses: clock, ids, log and figures.
struct SystemLayer {
  explicit SystemLayer(const Settings& settings);

  system::SystemClock clock;
  system::UuidV7Generator ids;
  adapters::Metrics metrics;
  adapters::GrpcFigures grpc_figures;
  log::JsonLogger log;
};

/// Converts the name of a level, which was checked before.
adapters::LogLevel to_level(std::string_view name);

using storage::Database;

/// The database: comments and the log, in SQLite or PostgreSQL as the settings say.
struct PersistenceLayer {
  struct Needs {
    const DatabaseSettings& settings;
    SystemLayer& system;
  };
  /// Throws std::runtime_error with one sentence if the database cannot be used, SettingsError if this build has no
  /// PostgreSQL.
  explicit PersistenceLayer(Needs needs);

 private:
  std::unique_ptr<Database> opened_;

 public:
  Database& database;
};

/// The node's delivery engine with its routers, the event bus, and the log tail.
struct MessagingLayer {
  struct Needs {
    const Settings& settings;
    const std::string& http_address;  ///< sent to the peers
    SystemLayer& system;
    PersistenceLayer& persistence;
    net::IoThreads& threads;
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
  usecase::ConversationFacts facts;    ///< follow the log by what the node hears
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

  std::mutex mutex_;  // guards the flags
  std::condition_variable changed_;
  bool woken_ = false;
  bool pausing_ = false;  // between two steps: looks at `woken_` by itself
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

/// The state of the node for `/healthz`, `/readyz` and `/metrics`. Thread safe.
class NodeState final : public adapters::NodeStatus {
 public:
  NodeState(std::string name, std::string http_address, const Database& database, caf::CafNode& node,
            const adapters::GrpcFigures& grpc_figures, const log::JsonLogger& log)
      : name_{std::move(name)},
        http_address_{std::move(http_address)},
        database_{database},
        node_{node},
        grpc_figures_{grpc_figures},
        log_{log} {}

  void start_draining() { draining_.store(true, std::memory_order_relaxed); }

  std::string name() const override { return name_; }
  bool draining() const override { return draining_.load(std::memory_order_relaxed); }
  bool storage_healthy() const override { return database_.healthy(); }
  std::vector<adapters::NodeMember> members() const override;
  std::string process_figures() const override;

 private:
  std::string name_;
  std::string http_address_;
  const Database& database_;
  caf::CafNode& node_;
  const adapters::GrpcFigures& grpc_figures_;
  const log::JsonLogger& log_;
  std::atomic<bool> draining_{false};
};

/// The HTTP endpoint: tokens, routes, connections.
struct HttpLayer {
  struct Needs {
    const Settings& settings;
    const std::string& address;     ///< the listen address, with its real port
    const std::string& advertised;  ///< the address for clients of other nodes
    SystemLayer& system;
    PersistenceLayer& persistence;
    MessagingLayer& messaging;
    net::IoThreads& threads;
    delivery::UpdateFeed& feed;  ///< the source of updates for live connections
    const usecase::UseCases& use_cases;
    net::DescriptorBudget::Share& descriptors;
  };
  explicit HttpLayer(const Needs& needs);  ///< binds

  void start() { server.start(); }

  /// Stops accepting and ends all connections, live ones spread over `window`.
  void drain(std::chrono::milliseconds window);
  void stop() { server.stop(); }

  std::unique_ptr<usecase::TokenVerifier> tokens;
  NodeState state;
  adapters::http::Router router;
  beast::HttpServer server;
};

/// The gRPC endpoint, if the settings ask for it and the build contains it.
class GrpcLayer {
 public:
  struct Needs {
    const Settings& settings;
    SystemLayer& system;
    const usecase::TokenVerifier& tokens;
    net::IoThreads& threads;
    delivery::UpdateFeed& feed;  ///< the source of updates for streams
    const usecase::UseCases& use_cases;
    net::DescriptorBudget::Share& descriptors;
  };
  /// Throws SettingsError if `grpc.listen` is set in a build without gRPC.
  explicit GrpcLayer(const Needs& needs);
  ~GrpcLayer();  ///< stops
  GrpcLayer(const GrpcLayer&) = delete;
  GrpcLayer& operator=(const GrpcLayer&) = delete;

  std::string bound_address() const;  ///< empty: it is off

  /// Ends the streams, spread over `window`. Returns at once; `stop` waits for the end.
  void start_draining(std::chrono::milliseconds window);
  void stop();

 private:
  struct Endpoint;
  std::unique_ptr<Endpoint> endpoint_;  ///< null: off
};

}  // namespace danwa::app
