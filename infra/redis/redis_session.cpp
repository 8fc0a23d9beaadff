#include "infra/redis/redis_session.hpp"

#include <vector>

namespace danwa::redis {
namespace {

constexpr std::size_t kEnough = 64 * 1024;   // bytes of commands in one write
constexpr std::chrono::seconds kLasting{5};  // a connection that lived this long resets the delay

}  // namespace

RedisSession::RedisSession(boost::asio::io_context& io, const RedisOptions& options, std::string_view name,
                           adapters::Logger& logger)
    : io_{io},
      options_{options},
      name_{name},
      server_{options.host + ":" + std::to_string(options.port)},
      logger_{logger},
      delay_{std::random_device{}()},
      retry_{io} {}

void RedisSession::start() {
  RedisConnection::User& user = *this;
  connection_ = std::make_shared<RedisConnection>(io_, options_, user);
  connection_->open();
}

void RedisSession::stop() {
  retry_.cancel();
  if (connection_) connection_->abandon();
  connection_.reset();
}

void RedisSession::wake() {
  if (!connection_ || !connection_->writable()) return;
  std::string commands;
  const std::size_t count = fill(commands, kEnough);
  if (count > 0) connection_->send(std::move(commands), count);
}

void RedisSession::on_open() {
  up_ = true;
  up_since_ = Clock::now();
  told_.clear();
  logger_.info("redis.connected", {{"link", name_}, {"server", server_}});
  on_up();
  wake();
}

void RedisSession::on_closed(RedisLoss loss) {
  connection_.reset();
  if (up_ && Clock::now() - up_since_ > kLasting) delay_.reset();
  if (std::exchange(up_, false)) on_down();
  tell(loss);
  retry_.expires_after(delay_.next());
  retry_.async_wait([this](const boost::system::error_code& error) {
    if (!error) start();
  });
}

void RedisSession::tell(const RedisLoss& loss) {
  const char* const event = loss.refused ? "redis.refused" : "redis.lost";
  std::vector<adapters::LogField> fields{{"link", name_}, {"server", server_}, {"reason", loss.reason}};
  if (loss.reason == told_) return logger_.debug(event, std::move(fields));
  told_ = loss.reason;
  logger_.warn(event, std::move(fields));
}

}  // namespace danwa::redis
