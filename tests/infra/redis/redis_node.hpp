#pragma once

#include <string>

#include "infra/redis/redis_bus.hpp"
#include "infra/redis/redis_payload.hpp"
#include "infra/redis/redis_server.hpp"
#include "support/bus_recorder.hpp"
#include "support/line_logger.hpp"

namespace danwa::tests {

/// A node's bus over Redis, and all that it hears and logs.
struct RedisNode {
  explicit RedisNode(redis::RedisOptions options) : bus{std::move(options), heard, log, metrics} {}
  explicit RedisNode(const RedisServer& server, std::string user = {}, std::string password = {})
      : RedisNode{options_for(server.port(), std::move(user), std::move(password))} {}

  static redis::RedisOptions options_for(std::uint16_t port, std::string user = {}, std::string password = {}) {
    return {"127.0.0.1", port, std::move(user), std::move(password), std::chrono::milliseconds{500}};
  }

  bool connected() const { return log.has("redis.connected link=publish") && heard.looks_everywhere() > 0; }

  BusRecorder heard;
  LineLogger log;
  adapters::Metrics metrics;
  redis::RedisBus bus;
};

inline std::string redis_room(const std::string& key = "room") { return redis::redis_channel(room(key)); }

}  // namespace danwa::tests
