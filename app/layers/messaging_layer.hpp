#pragma once

#include <memory>
#include <string>

#include "app/layers/persistence_layer.hpp"
#include "app/layers/system_layer.hpp"
#include "app/settings/settings.hpp"
#include "infra/caf/caf_node.hpp"
#include "usecase/conversation_access.hpp"

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
  adapters::PeerBus* peers();

  usecase::ConversationAccess access;  ///< checks watches whose access may have been revoked
  infra::CafNode node;

 private:
  Database& database_;
  std::unique_ptr<adapters::PeerBus> redis_;  ///< null unless `bus = "redis"`
};

}  // namespace danwa::app
