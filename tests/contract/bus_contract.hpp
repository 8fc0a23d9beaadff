#pragma once

#include <memory>
#include <string>

#include "adapters/metrics/metrics.hpp"
#include "support/bus_recorder.hpp"
#include "support/line_logger.hpp"
#include "usecase/delivery/peer_bus.hpp"

namespace danwa::tests {

/// A node of some bus, and all that it hears.
class BusNode {
 public:
  virtual ~BusNode() = default;
  virtual delivery::PeerBus& bus() = 0;
  virtual void stop() = 0;

  const BusRecorder& heard() const { return heard_; }
  const adapters::Metrics& metrics() const { return metrics_; }

 protected:
  BusRecorder heard_;
  LineLogger log_;
  adapters::Metrics metrics_;
};

/// A bus under contract: how nodes of it come together, and what strangers can do.
class BusWorld {
 public:
  virtual ~BusWorld() = default;

  /// Another node, which watches `room()`.
  virtual std::unique_ptr<BusNode> start_node() = 0;

  /// Sends what is not the bus's protocol to where the nodes listen.
  virtual void send_garbage() = 0;
};

std::unique_ptr<BusWorld> make_caf_world();
std::unique_ptr<BusWorld> make_redis_world();

}  // namespace danwa::tests
