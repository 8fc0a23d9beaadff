#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "usecase/delivery/peer_bus.hpp"

namespace danwa::redis {

/// The address of Redis, its credentials and limits.
struct RedisOptions {
  std::string host;  ///< a name or an IP address, IPv6 without brackets
  std::uint16_t port = 6379;
  std::string user = {};                            ///< of Redis's ACL; empty: the default user
  std::string password = {};                        ///< empty: no AUTH; never logged
  std::chrono::milliseconds command_timeout{1000};  ///< a reply that takes longer ends the connection
  delivery::LogSource log = {};                     ///< the log of this node; messages of another one are dropped
};

/// The event bus over Redis Pub/Sub. Each danwa channel has a Redis channel (`danwa:<company>:<kind>:<key>`),
/// subscribed while this node has a watcher of it. Every node subscribes to `danwa:presence`, and to a channel of its
/// own for presence messages to it alone. Delivery is at most once, as in Pub/Sub itself: updates that are lost while
/// Redis is away come from the log tail.
///
/// The node starts without Redis. The bus connects as soon as Redis is there, and again after each loss; the listener
/// then checks the log of every channel. At most 8,192 messages or 8 MiB wait for Redis; the oldest are dropped first
/// (`relay_drops`).
///
/// It has an io thread of its own and two connections. Thread safe; no call waits for Redis. `listener`, `logger` and
/// `metrics` must outlive this.
class RedisBus final : public delivery::PeerBus {
 public:
  RedisBus(RedisOptions options, delivery::BusListener& listener, adapters::Logger& logger, adapters::Metrics& metrics);
  ~RedisBus() override;  ///< stops

  void broadcast(delivery::FramePtr frame) override;
  void broadcast_presence(std::string message) override;
  /// An address is the sender id of a node.
  void tell(const delivery::PeerAddress& to, std::string message) override;
  void watched(const domain::ChannelKey& channel) override;
  void unwatched(const domain::ChannelKey& channel) override;

  /// Cuts both connections, joins the thread. Idempotent. Afterwards the listener gets no call, and calls on the bus do
  /// nothing.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace danwa::redis
