#pragma once

#include <memory>
#include <string>

#include "adapters/delivery/peer_bus.hpp"
#include "adapters/log/logger.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/redis/redis_options.hpp"

namespace danwa::infra {

/// The bus over Redis Pub/Sub: a Redis channel for each of ours (`danwa:<company>:<kind>:<key>`), subscribed
/// while this node has a watcher of it, and `danwa:presence`, which every node hears. At most once, like
/// Pub/Sub itself: what is lost while Redis is away comes from the log's tail.
///
/// Needs no Redis to start: it connects when there is one, and again whenever it was lost, and then has
/// the listener look at the log everywhere. At most 8,192 messages or 8 MiB wait for it, the oldest go
/// first (`relay_drops`).
///
/// An io thread of its own, two connections. Thread safe; no call waits for Redis. `listener`, `logger` and
/// `metrics` must outlive this.
class RedisBus final : public adapters::PeerBus {
 public:
  RedisBus(RedisOptions options, adapters::BusListener& listener, adapters::Logger& logger, adapters::Metrics& metrics);
  ~RedisBus() override;  ///< stops

  void broadcast(adapters::FramePtr frame) override;
  void broadcast_presence(std::string message) override;
  void watched(const domain::ChannelKey& channel) override;
  void unwatched(const domain::ChannelKey& channel) override;

  /// Cuts both connections, joins the thread. Idempotent; nothing reaches the listener afterwards, and
  /// calls do nothing.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace danwa::infra
