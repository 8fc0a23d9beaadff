#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "adapters/http/router.hpp"
#include "adapters/rest/routes.hpp"
#include "app/danwad/layers/database.hpp"
#include "app/danwad/layers/messaging_layer.hpp"
#include "app/danwad/layers/system_layer.hpp"
#include "app/danwad/layers/usecase_layer.hpp"
#include "app/danwad/settings/settings.hpp"
#include "infra/beast/http_server.hpp"
#include "infra/net/descriptors.hpp"
#include "usecase/delivery/update_feed.hpp"
#include "usecase/ports/credentials.hpp"

namespace danwa::app {

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
    const std::string& address;  ///< the listen address, with its real port
    SystemLayer& system;
    PersistenceLayer& persistence;
    MessagingLayer& messaging;
    delivery::UpdateFeed& feed;  ///< the source of updates for live connections
    UsecaseLayer& usecases;
    net::DescriptorBudget::Share& descriptors;
  };
  explicit HttpLayer(const Needs& needs);  ///< binds

  void start() { server.start(); }

  /// Stops accepting and ends all connections, live ones spread over `window`.
  void drain(std::chrono::milliseconds window);
  void stop() { server.stop(); }

  std::unique_ptr<const usecase::TokenVerifier> tokens;
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
    delivery::UpdateFeed& feed;  ///< the source of updates for streams
    UsecaseLayer& usecases;
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
