#ifdef DANWA_REDIS

#include "contract/bus_contract.hpp"
#include "infra/redis/redis_bus.hpp"
#include "infra/redis/redis_payload.hpp"
#include "infra/redis/redis_server.hpp"

namespace danwa::tests {
namespace {

class RedisNode final : public BusNode {
 public:
  explicit RedisNode(const RedisServer& server) : bus_{{"127.0.0.1", server.port()}, heard_, log_, metrics_} {
    bus_.watched(room());
  }
  delivery::PeerBus& bus() override { return bus_; }
  void stop() override { bus_.stop(); }

 private:
  redis::RedisBus bus_;
};

class RedisWorld final : public BusWorld {
 public:
  std::unique_ptr<BusNode> start_node() override { return std::make_unique<RedisNode>(server_); }

  void send_garbage() override {
    for (const auto& channel : {redis::redis_channel(room()), std::string{redis::kPresenceChannel}}) {
      for (const auto& payload : {std::string{"hello"}, std::string(11, '\0'), std::string{}}) {
        server_.ask({"PUBLISH", channel, payload});
      }
    }
  }

 private:
  RedisServer server_;
};

}  // namespace

std::unique_ptr<BusWorld> make_redis_world() { return std::make_unique<RedisWorld>(); }

}  // namespace danwa::tests

#endif
