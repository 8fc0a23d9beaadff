#pragma once

#include "infra/redis/redis_connection.hpp"

#include <string_view>

#include "adapters/log/logger.hpp"
#include "infra/redis/retry_delay.hpp"

namespace danwa::infra {

/// Keeps a connection to Redis: after a loss it connects again, with a growing delay. Logs `redis.connected`,
/// `redis.lost` and `redis.refused`; a repeated reason at the debug level.
/// Runs on: the Redis thread.
class RedisLink final : RedisConnection::User {
 public:
  class User {
   public:
    virtual void on_up() = 0;
    virtual void on_down() = 0;
    virtual void on_reply(Reply reply) = 0;
    virtual void on_replies_end() {}

    /// Appends waiting commands, about `enough` bytes of them. Returns their number.
    virtual std::size_t fill(std::string& commands, std::size_t enough) = 0;

   protected:
    ~User() = default;
  };

  /// `name` is for the log. All arguments must outlive `stop`.
  RedisLink(boost::asio::io_context& io, const RedisOptions& options, std::string_view name, User& user,
            adapters::Logger& logger);

  void start();
  void stop();

  /// Commands wait for `fill`. Does nothing while the connection is down or busy: `fill` is called later anyway.
  void wake();

 private:
  using Clock = std::chrono::steady_clock;

  void on_open() override;
  void on_written() override { wake(); }
  void on_reply(Reply reply) override { user_.on_reply(std::move(reply)); }
  void on_replies_end() override { user_.on_replies_end(); }
  void on_closed(RedisLoss loss) override;
  void tell(const RedisLoss& loss);

  boost::asio::io_context& io_;
  const RedisOptions& options_;
  std::string name_;
  std::string server_;
  User& user_;
  adapters::Logger& logger_;
  RetryDelay delay_;
  boost::asio::steady_timer retry_;
  std::shared_ptr<RedisConnection> connection_;
  std::string told_;  ///< the last reason in the log
  Clock::time_point up_since_{};
  bool up_ = false;
};

}  // namespace danwa::infra
