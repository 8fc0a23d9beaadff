#pragma once

#include "infra/redis/redis_link.hpp"

#include "adapters/metrics/metrics.hpp"
#include "infra/redis/publish_queue.hpp"
#include "infra/redis/redis_payload.hpp"

namespace danwa::infra {

/// Publishes the updates and presence messages of this node. Messages in flight are lost when a connection breaks.
/// Runs on: the Redis thread, except `put` and `put_presence`.
class RedisPublisher final : RedisLink::User {
 public:
  RedisPublisher(boost::asio::io_context& io, const RedisOptions& options, const SenderId& sender,
                 adapters::Logger& logger, adapters::Metrics& metrics)
      : io_{io}, options_{options}, sender_{sender}, metrics_{metrics}, link_{io, options, "publish", *this, logger} {}

  void start() { link_.start(); }
  void stop() { link_.stop(); }

  /// Thread safe.
  void put(adapters::FramePtr frame) { note(queue_.put(std::move(frame))); }
  void put_presence(std::string message) { note(queue_.put(std::move(message))); }

 private:
  void on_up() override {}
  void on_down() override {}
  void on_reply(Reply reply) override;
  std::size_t fill(std::string& commands, std::size_t enough) override;
  void append(std::string& commands, const PublishQueue::Message& message);
  void note(PublishQueue::Put put);

  boost::asio::io_context& io_;
  const RedisOptions& options_;
  const SenderId& sender_;
  adapters::Metrics& metrics_;
  PublishQueue queue_;
  std::uint64_t seq_ = 0;
  RedisLink link_;
};

}  // namespace danwa::infra
