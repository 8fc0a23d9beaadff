#pragma once

#include <memory>
#include <string>

#include "adapters/http/router.hpp"
#include "app/layers/messaging_layer.hpp"
#include "app/layers/node_state.hpp"
#include "app/layers/persistence_layer.hpp"
#include "app/layers/system_layer.hpp"
#include "app/layers/usecase_layer.hpp"
#include "infra/beast/http_server.hpp"
#include "infra/net/descriptor_budget.hpp"
#include "usecase/ports/token_verifier.hpp"

namespace danwa::app {

/// The HTTP endpoint: tokens, routes, connections.
struct HttpLayer {
  struct Needs {
    const Settings& settings;
    const std::string& address;  ///< the listen address, with its real port
    SystemLayer& system;
    PersistenceLayer& persistence;
    MessagingLayer& messaging;
    adapters::UpdateFeed& feed;  ///< the source of updates for live connections
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
  infra::HttpServer server;
};

}  // namespace danwa::app
