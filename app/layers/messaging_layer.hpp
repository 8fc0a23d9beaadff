#pragma once

#include <memory>
#include <string>

#include "app/layers/persistence_layer.hpp"
#include "app/layers/system_layer.hpp"
#include "app/settings/settings.hpp"
#include "infra/caf/caf_node.hpp"
#include "usecase/conversation_access.hpp"

namespace danwa::app {

/// The bus, the router and the log tail that feeds it.
struct MessagingLayer {
  struct Needs {
    const Settings& settings;
    const std::string& http_address;  ///< told to the peers
    SystemLayer& system;
    PersistenceLayer& persistence;
  };
  explicit MessagingLayer(Needs needs);
  ~MessagingLayer();  ///< ends the tail before what it calls
  MessagingLayer(const MessagingLayer&) = delete;
  MessagingLayer& operator=(const MessagingLayer&) = delete;

  std::string cluster_address();  ///< empty: no peers over CAF

  /// This node is about to go: the others forget it at once. Waits a second at most.
  void leave();

  /// The way to the other nodes; null: none.
  adapters::PeerBus* peers();

  usecase::ConversationAccess access;  ///< asked by watches whose right may have ended
  infra::CafNode node;

 private:
  Database& database_;
  std::unique_ptr<adapters::PeerBus> redis_;  ///< null: another bus
};

}  // namespace danwa::app
