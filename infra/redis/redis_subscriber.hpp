#pragma once

#include "infra/redis/redis_link.hpp"

#include "adapters/delivery/peer_bus.hpp"
#include "adapters/metrics/metrics.hpp"
#include "infra/redis/redis_payload.hpp"
#include "infra/redis/wanted_channels.hpp"

namespace danwa::infra {

/// Subscribes to the channels that are watched on this node and passes their messages on. It has a connection of its
/// own, because a connection that has subscribed takes no PUBLISH (RESP2).
/// Runs on: the Redis thread.
class RedisSubscriber final : RedisLink::User {
 public:
  RedisSubscriber(boost::asio::io_context& io, const RedisOptions& options, const SenderId& own,
                  adapters::BusListener& listener, adapters::Logger& logger, adapters::Metrics& metrics)
      : options_{options},
        own_{own},
        listener_{listener},
        logger_{logger},
        metrics_{metrics},
        link_{io, options, "subscribe", *this, logger} {}

  void start() { link_.start(); }
  void stop() { link_.stop(); }

  void want(const domain::ChannelKey& channel);
  void forget(const domain::ChannelKey& channel);

 private:
  void on_up() override { wanted_.connected(); }
  void on_down() override;
  void on_reply(Reply reply) override;
  void on_replies_end() override;
  std::size_t fill(std::string& commands, std::size_t enough) override { return wanted_.write(commands, enough); }

  void on_subscribed(const std::string& redis_channel);
  void on_message(const std::string& redis_channel, const std::string& payload);
  void look_if_recovered();
  void unexpected(const std::optional<domain::ChannelKey>& channel);
  void foreign(const std::optional<domain::ChannelKey>& channel);
  void refuse_version(std::uint16_t version);

  const RedisOptions& options_;
  const SenderId& own_;
  adapters::BusListener& listener_;
  adapters::Logger& logger_;
  adapters::Metrics& metrics_;
  WantedChannels wanted_;
  std::vector<adapters::LoggedUpdate> updates_;  ///< of one read
  bool version_told_ = false;                    ///< in the log: somebody publishes envelopes of another version
  bool foreign_told_ = false;                    ///< in the log: somebody else's nodes use this Redis
  RedisLink link_;
};

}  // namespace danwa::infra
