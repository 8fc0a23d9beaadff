#pragma once

#include <atomic>
#include <string>

#include "adapters/controllers/node_status.hpp"
#include "app/layers/messaging_layer.hpp"
#include "app/layers/persistence_layer.hpp"
#include "app/layers/system_layer.hpp"

namespace danwa::app {

/// The state of the node for `/healthz`, `/readyz` and `/metrics`. Thread safe.
class NodeState final : public adapters::NodeStatus {
 public:
  NodeState(std::string name, std::string http_address, const Database& database, infra::CafNode& node,
            const adapters::GrpcFigures& grpc_figures, const infra::JsonLogger& log)
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
  infra::CafNode& node_;
  const adapters::GrpcFigures& grpc_figures_;
  const infra::JsonLogger& log_;
  std::atomic<bool> draining_{false};
};

}  // namespace danwa::app
